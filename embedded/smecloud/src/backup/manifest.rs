//! What a backup holds, and whether it is whole.

use super::draft::{BUFFER, copy_and_hash};
use super::progress::Progress;
use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Component, Path},
};

pub(super) const FILE: &str = "manifest.json";
/// The digest of the manifest itself, as `sha256sum --check` reads it.
pub(super) const DIGEST: &str = "manifest.sha256";
/// The layout this program writes, and the newest it reads.
const FORMAT: u32 = 1;

/// The list of a backup.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Manifest {
    /// The layout's number.
    pub(crate) format: u32,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// The newest migration of its schema.
    pub(crate) schema: String,
    /// The server's version.
    pub(crate) postgres: String,
    /// The moment that everything is of.
    pub(crate) taken_at: DateTime<Utc>,
    /// Whether the platform ran meanwhile.
    pub(crate) running: bool,
    /// Every folder, parents first.
    pub(crate) folders: Vec<String>,
    /// Every file.
    pub(crate) files: Vec<FileEntry>,
}

/// One file of a backup.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct FileEntry {
    /// Its path in the backup.
    pub(crate) path: String,
    /// Its length.
    pub(crate) size: u64,
    /// Its digest.
    pub(crate) sha256: String,
}

/// What is looked at before the rest, which a newer program may have laid out otherwise.
#[derive(Deserialize)]
struct Head {
    format: u32,
    program: String,
    schema: String,
}

impl Manifest {
    /// One of this program, without contents.
    pub(super) fn new(schema: String, postgres: String, taken_at: DateTime<Utc>, running: bool) -> Self {
        let program = env!("CARGO_PKG_VERSION").to_owned();
        Self { format: FORMAT, program, schema, postgres, taken_at, running, folders: Vec::new(), files: Vec::new() }
    }

    /// Reads a backup's manifest, and refuses a backup that cannot be whole, or is newer than this program.
    pub(crate) fn read(backup: &Path) -> anyhow::Result<Self> {
        let shown = backup.display();
        let digest = match fs::read_to_string(backup.join(DIGEST)) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                bail!("{shown} is no complete backup")
            }
            read => read.with_context(|| format!("cannot read {shown}"))?,
        };
        let bytes = fs::read(backup.join(FILE)).with_context(|| format!("cannot read the manifest of {shown}"))?;
        let wanted = digest.split_whitespace().next().unwrap_or_default();
        ensure!(hex::encode(Sha256::digest(&bytes)) == wanted, "the manifest of {shown} is damaged");
        let head: Head = serde_json::from_slice(&bytes).with_context(|| format!("the manifest of {shown}"))?;
        head.refuse_newer(&shown.to_string())?;
        let manifest: Self = serde_json::from_slice(&bytes).with_context(|| format!("the manifest of {shown}"))?;
        manifest.refuse_escapes()?;
        manifest.refuse_missing(backup)?;
        Ok(manifest)
    }

    /// Reads every file again and compares its digest.
    pub(crate) fn check_all(&self, backup: &Path, progress: &mut Progress<'_>) -> anyhow::Result<()> {
        let mut buffer = vec![0; BUFFER];
        for entry in &self.files {
            let mut file = entry.open(backup)?;
            let found = copy_and_hash(&mut file, &mut io::sink(), &mut buffer, progress)?;
            entry.compare(&found)?;
        }
        Ok(())
    }

    /// No path leads out of the folder it is joined to.
    fn refuse_escapes(&self) -> anyhow::Result<()> {
        let paths = self.folders.iter().chain(self.files.iter().map(|file| &file.path));
        for path in paths {
            let inside =
                !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            ensure!(inside, "the manifest names {path:?}, which lies outside of the backup");
        }
        Ok(())
    }

    fn refuse_missing(&self, backup: &Path) -> anyhow::Result<()> {
        for entry in &self.files {
            let found = fs::metadata(backup.join(&entry.path)).map(|meta| meta.len());
            ensure!(
                found.is_ok_and(|size| size == entry.size),
                "the backup is damaged: {} is missing or cut",
                entry.path
            );
        }
        Ok(())
    }
}

impl FileEntry {
    pub(super) fn open(&self, backup: &Path) -> anyhow::Result<File> {
        File::open(backup.join(&self.path)).with_context(|| format!("cannot read {} of the backup", self.path))
    }

    pub(super) fn compare(&self, found: &(u64, String)) -> anyhow::Result<()> {
        ensure!((self.size, &self.sha256) == (found.0, &found.1), "the backup is damaged: {} has changed", self.path);
        Ok(())
    }
}

impl Head {
    fn refuse_newer(&self, shown: &str) -> anyhow::Result<()> {
        let newer = self.format > FORMAT
            || numbers(&self.program) > numbers(env!("CARGO_PKG_VERSION"))
            || self.schema > db::migrate::newest();
        ensure!(!newer, "{shown} was made by a newer smecloud ({}): use that version or a later one", self.program);
        Ok(())
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, manifest: &Manifest) {
        let bytes = serde_json::to_vec(manifest).unwrap();
        fs::write(dir.join(FILE), &bytes).unwrap();
        fs::write(dir.join(DIGEST), hex::encode(Sha256::digest(&bytes))).unwrap();
    }

    #[test]
    fn newer_damaged_and_hostile_manifests_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let refusal = || Manifest::read(dir.path()).unwrap_err().to_string();
        assert!(refusal().contains("is no complete backup"));
        let good = || Manifest::new(db::migrate::newest(), "15.1".into(), Utc::now(), false);
        write(dir.path(), &good());
        Manifest::read(dir.path()).unwrap();
        for newer in [
            Manifest { format: 2, ..good() },
            Manifest { program: "99.0.0".into(), ..good() },
            Manifest { schema: "99991231000000".into(), ..good() },
        ] {
            write(dir.path(), &newer);
            assert!(refusal().contains("newer smecloud"), "{newer:?}");
        }
        for path in ["../x", "/etc/passwd", ""] {
            write(dir.path(), &Manifest { folders: vec![path.to_owned()], ..good() });
            assert!(refusal().contains("outside of the backup"), "{path}");
        }
        let missing = FileEntry { path: "gone".into(), size: 1, sha256: String::new() };
        write(dir.path(), &Manifest { files: vec![missing], ..good() });
        assert!(refusal().contains("gone is missing"));
        fs::write(dir.path().join(FILE), "{}").unwrap();
        assert!(refusal().contains("is damaged"));
    }
}
