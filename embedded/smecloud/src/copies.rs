//! `smecloud backup` and `smecloud restore`.

use crate::{
    backup::{self, Manifest, Progress, control},
    data_dir::DataDir,
};
use anyhow::{Context, ensure};
use api::config::Config;
use std::{
    io::Write,
    path::{Path, PathBuf},
};
use tokio::task::spawn_blocking;

/// Makes a backup: the running platform itself, or this process if none runs.
pub(crate) async fn backup(folder: PathBuf) -> anyhow::Result<()> {
    let config = Config::load()?;
    ensure!(
        config.database_url.is_none(),
        "DATABASE_URL is set: this backs up what is embedded; back up your database and object store with their own tools"
    );
    let folder = std::path::absolute(&folder).with_context(|| format!("cannot find {}", folder.display()))?;
    let root = config.data_dir;
    let shown = folder.clone();
    let manifest = spawn_blocking(move || match control::ask(&root, &folder, &tell)? {
        Some(manifest) => Ok(manifest),
        None => backup_stopped(&root, &folder),
    })
    .await??;
    report(&format!("The backup is {}", shown.display()), &manifest)
}

fn backup_stopped(root: &Path, folder: &Path) -> anyhow::Result<Manifest> {
    ensure!(root.is_dir(), "there is nothing to back up in {}", root.display());
    backup::make_offline(&DataDir::open(root)?, folder, Progress::unstoppable(&tell))
}

/// Checks a backup.
pub(crate) async fn verify(folder: PathBuf) -> anyhow::Result<()> {
    let manifest = spawn_blocking(move || backup::verify(&folder, Progress::unstoppable(&tell))).await??;
    report("The backup is whole", &manifest)
}

/// Fills an empty data directory from a backup.
pub(crate) async fn restore(folder: PathBuf, data_dir: Option<PathBuf>) -> anyhow::Result<()> {
    let root = data_dir.map_or_else(|| Config::load().map(|config| config.data_dir), Ok)?;
    let shown = root.clone();
    let manifest = spawn_blocking(move || backup::restore(&folder, &root, Progress::unstoppable(&tell))).await??;
    report(&format!("Restored into {}", shown.display()), &manifest)
}

/// How far it is; nothing depends on anybody reading it.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn report(line: &str, manifest: &Manifest) -> anyhow::Result<()> {
    let bytes = manifest.files.iter().map(|file| file.size).sum();
    writeln!(
        std::io::stdout(),
        "{line}: {} files, {}, everything as of {}.",
        manifest.files.len(),
        backup::megabytes(bytes),
        manifest.taken_at.to_rfc3339()
    )?;
    Ok(())
}
