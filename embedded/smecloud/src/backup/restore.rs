//! A backup put back into an empty data directory.

use super::{
    database::{DATA, PASSWORD},
    draft::{self, BUFFER, copy_and_hash},
    manifest::{FileEntry, Manifest},
    progress::Progress,
};
use crate::data_dir::DataDir;
use anyhow::{Context, ensure};
use embedded_postgres::NewCluster;
use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Stands in a data directory while it is being restored.
const MARK: &str = "restore-unfinished";
/// What an empty data directory may hold: our own lock, and the server programs that the set-up puts there.
const HARMLESS: &[&str] = &["lock", "postgres"];

/// Reads the whole of a backup again.
pub(crate) fn verify(backup: &Path, mut progress: Progress<'_>) -> anyhow::Result<Manifest> {
    let manifest = Manifest::read(backup)?;
    progress.step("Reading the backup");
    manifest.check_all(backup, &mut progress)?;
    Ok(manifest)
}

/// Refuses a data directory in which a restore was cut short.
pub(crate) fn refuse_half_restored(root: &Path) -> anyhow::Result<()> {
    let shown = root.display();
    ensure!(!root.join(MARK).exists(), "the restore into {shown} did not end: delete {shown} and restore again");
    Ok(())
}

/// Fills the data directory `root` from a backup. Blocks.
pub(crate) fn run(backup: &Path, root: &Path, mut progress: Progress<'_>) -> anyhow::Result<Manifest> {
    let manifest = Manifest::read(backup)?;
    let dir = DataDir::open(root)?;
    refuse_half_restored(dir.root())?;
    refuse_occupied(dir.root())?;
    dir.write(MARK, "")?;
    progress.step("Restoring");
    let cluster = NewCluster::prepare(dir.root())?;
    let target = Target { root: dir.root(), cluster: &cluster };
    if let Err(error) = fill(&manifest, backup, &target, &mut progress) {
        drop(cluster);
        empty(dir.root())?;
        return Err(error);
    }
    progress.step("Writing everything to the disk");
    draft::sync_all_of(&cluster.data())?;
    draft::sync_all_of(dir.root())?;
    cluster.finish()?;
    fs::remove_file(dir.path(MARK)).context("cannot finish the restore")?;
    draft::sync_all_of(dir.root())?;
    Ok(manifest)
}

fn refuse_occupied(root: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(root).with_context(|| format!("cannot read {}", root.display()))? {
        let name = entry?.file_name();
        let harmless = HARMLESS.iter().any(|harmless| name == *harmless);
        ensure!(harmless, "{} is not empty: a restore needs an empty data directory", root.display());
    }
    Ok(())
}

/// Where things go: the database's folder may lie elsewhere.
struct Target<'a> {
    root: &'a Path,
    cluster: &'a NewCluster,
}

impl Target<'_> {
    fn path(&self, name: &str) -> PathBuf {
        if name == PASSWORD {
            return self.cluster.password_file();
        }
        match name.strip_prefix(DATA) {
            Some(rest) => self.cluster.data().join(rest.trim_start_matches('/')),
            None => self.root.join(name),
        }
    }
}

fn fill(manifest: &Manifest, backup: &Path, target: &Target<'_>, progress: &mut Progress<'_>) -> anyhow::Result<()> {
    for folder in manifest.folders.iter().filter(|folder| !["pg", DATA].contains(&folder.as_str())) {
        let path = target.path(folder);
        DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("cannot make {}", path.display()))?;
    }
    let mut buffer = vec![0; BUFFER];
    manifest.files.iter().try_for_each(|entry| put(entry, backup, &target.path(&entry.path), &mut buffer, progress))
}

fn put(
    entry: &FileEntry,
    backup: &Path,
    path: &Path,
    buffer: &mut [u8],
    progress: &mut Progress<'_>,
) -> anyhow::Result<()> {
    let mut source = entry.open(backup)?;
    let mut copy = || {
        // A password of an earlier attempt may lie there.
        if entry.path == PASSWORD && path.exists() {
            fs::remove_file(path)?;
        }
        copy_and_hash(&mut source, &mut draft::create(path)?, buffer, progress)
    };
    let found = copy().with_context(|| format!("cannot write {}", path.display()))?;
    entry.compare(&found)
}

/// Takes back what a restore that failed has written. The mark goes last.
fn empty(root: &Path) -> anyhow::Result<()> {
    if let Ok(elsewhere) = fs::read_link(root.join("pg")) {
        fs::remove_dir_all(elsewhere)?;
    }
    for entry in fs::read_dir(root)? {
        let (name, path) = entry.map(|entry| (entry.file_name(), entry.path()))?;
        if HARMLESS.iter().any(|harmless| name == *harmless) || name == MARK {
            continue;
        }
        let is_folder = fs::symlink_metadata(&path)?.is_dir();
        if is_folder { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
    }
    fs::remove_file(root.join(MARK)).context("cannot empty the data directory")
}
