//! A backup of a platform that does not run: its files as they lie, which start as after a power cut.

use super::{
    Manifest, copy_settings,
    database::{self, Log},
    draft::Draft,
    progress::Progress,
};
use crate::{clock, data_dir::DataDir, version};
use anyhow::Context;
use chrono::Utc;
use embedded_postgres::StoppedCluster;
use std::{fs, path::Path};

/// Copies everything. The directory is taken, so nothing starts on it meanwhile. Blocks.
pub(crate) fn make(dir: &DataDir, target: &Path, progress: Progress<'_>) -> anyhow::Result<Manifest> {
    super::refuse_half_restored(dir.root())?;
    let cluster = StoppedCluster::open(dir.root())?;
    let cluster = cluster.with_context(|| format!("there is nothing to back up in {}", dir.root().display()))?;
    let mut draft = Draft::begin(target, progress)?;
    draft.progress.step("Copying the database");
    database::copy_cluster(&mut draft, &cluster.data(), Log::Whole)?;
    draft.copy_path(database::PASSWORD, &cluster.password_file())?;
    draft.progress.step("Copying objects, payments and mails");
    for part in ["objects", "stripe", "mail"] {
        if dir.path(part).is_dir() {
            copy_folder(&mut draft, dir.root(), part)?;
        }
    }
    copy_settings(&mut draft, dir.root())?;
    super::copy_if_there(&mut draft, dir.root(), clock::FILE)?;
    let postgres = fs::read_to_string(cluster.data().join("PG_VERSION")).context("cannot read PG_VERSION")?;
    let manifest = Manifest::new(version::schema_of(dir)?, postgres.trim().to_owned(), Utc::now(), false);
    draft.finish(manifest)
}

/// A folder with all that is in it, but for locks and what nobody acknowledged.
fn copy_folder(draft: &mut Draft<'_>, root: &Path, folder: &str) -> anyhow::Result<()> {
    draft.folder(folder)?;
    for entry in fs::read_dir(root.join(folder)).with_context(|| format!("cannot read {folder}"))? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().with_context(|| format!("a strange name in {folder}"))?;
        let path = format!("{folder}/{name}");
        if entry.file_type()?.is_dir() {
            match name.as_str() {
                "trash" | "tmp" => draft.folder(&path)?,
                _ => copy_folder(draft, root, &path)?,
            }
        } else if name != "lock" {
            draft.copy_path(&path, &entry.path())?;
        }
    }
    Ok(())
}
