//! A backup that is being written.

use super::manifest::{DIGEST, FILE, FileEntry, Manifest};
use super::progress::Progress;
use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, ErrorKind, Read, Write},
    os::{
        fd::AsRawFd,
        unix::fs::{DirBuilderExt, OpenOptionsExt},
    },
    path::{Path, PathBuf},
};

/// Bytes that are read at once.
pub(super) const BUFFER: usize = 1 << 20;
/// Held by the process that writes the draft.
const LOCK: &str = "lock";

/// A folder beside the one that is wanted; it goes if it is not finished.
pub(super) struct Draft<'a> {
    wanted: PathBuf,
    dir: PathBuf,
    _lock: File,
    folders: Vec<String>,
    files: Vec<FileEntry>,
    buffer: Vec<u8>,
    finished: bool,
    /// How far it is.
    pub(super) progress: Progress<'a>,
}

impl<'a> Draft<'a> {
    /// Begins a backup that is to become the folder `wanted`, which must not be there.
    pub(super) fn begin(wanted: &Path, progress: Progress<'a>) -> anyhow::Result<Self> {
        ensure!(!wanted.exists(), "{} is there already: name a folder that is not", wanted.display());
        let name = wanted.file_name().with_context(|| format!("{} names no folder", wanted.display()))?;
        let mut name = name.to_owned();
        name.push(".partial");
        let dir = wanted.with_file_name(name);
        remove_abandoned(&dir)?;
        let make = || {
            DirBuilder::new().mode(0o700).create(&dir)?;
            let lock = create(&dir.join(LOCK))?;
            lock.try_lock().map_err(io::Error::from).map(|()| lock)
        };
        let lock = make().with_context(|| format!("cannot make {}", dir.display()))?;
        let (folders, files, buffer) = (Vec::new(), Vec::new(), vec![0; BUFFER]);
        Ok(Self { wanted: wanted.to_owned(), dir, _lock: lock, folders, files, buffer, finished: false, progress })
    }

    /// Makes a folder. Its parent is there.
    pub(super) fn folder(&mut self, name: &str) -> anyhow::Result<()> {
        let path = self.dir.join(name);
        DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("cannot make {}", path.display()))?;
        self.folders.push(name.to_owned());
        Ok(())
    }

    /// Copies whatever `source` yields.
    pub(super) fn copy(&mut self, name: &str, source: &mut dyn Read) -> anyhow::Result<()> {
        let path = self.dir.join(name);
        let mut copy = || {
            let mut file = create(&path)?;
            copy_and_hash(source, &mut file, &mut self.buffer, &mut self.progress)
        };
        let (size, sha256) = copy().with_context(|| format!("cannot copy {name}"))?;
        self.files.push(FileEntry { path: name.to_owned(), size, sha256 });
        Ok(())
    }

    /// Copies a file.
    pub(super) fn copy_path(&mut self, name: &str, path: &Path) -> anyhow::Result<()> {
        let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.copy(name, &mut file)
    }

    /// Puts the manifest beside the files, everything on the disk, and the folder in its place.
    pub(super) fn finish(mut self, manifest: Manifest) -> anyhow::Result<Manifest> {
        self.progress.step("Writing everything to the disk");
        let (folders, files) = (std::mem::take(&mut self.folders), std::mem::take(&mut self.files));
        let manifest = Manifest { folders, files, ..manifest };
        let write = || {
            let bytes = serde_json::to_vec(&manifest)?;
            create(&self.dir.join(FILE))?.write_all(&bytes)?;
            let digest = format!("{}  {FILE}\n", hex::encode(Sha256::digest(&bytes)));
            create(&self.dir.join(DIGEST))?.write_all(digest.as_bytes())?;
            fs::remove_file(self.dir.join(LOCK))?;
            sync_all_of(&self.dir)?;
            fs::rename(&self.dir, &self.wanted)?;
            sync_all_of(&self.wanted)
        };
        write().with_context(|| format!("cannot finish {}", self.wanted.display()))?;
        self.finished = true;
        Ok(manifest)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = fs::remove_dir_all(&self.dir)
        {
            tracing::warn!(%error, path = %self.dir.display(), "half a backup not removed");
        }
    }
}

/// Removes what a backup left whose process was killed.
fn remove_abandoned(dir: &Path) -> anyhow::Result<()> {
    let shown = dir.display();
    let lock = match File::options().write(true).open(dir.join(LOCK)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == ErrorKind::NotFound && !dir.exists() => return Ok(()),
        Err(_) => bail!("{shown} is there and no half-made backup: remove it"),
    };
    match lock.try_lock() {
        Ok(()) => fs::remove_dir_all(dir).with_context(|| format!("cannot remove {shown}")),
        Err(TryLockError::WouldBlock) => bail!("another backup is writing {shown}"),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {shown}")),
    }
}

/// A new file that only its owner may read.
pub(super) fn create(path: &Path) -> io::Result<File> {
    File::options().create_new(true).write(true).mode(0o600).open(path)
}

/// Copies to the end; returns how many bytes there were and their SHA-256.
pub(super) fn copy_and_hash(
    source: &mut dyn Read,
    target: &mut dyn Write,
    buffer: &mut [u8],
    progress: &mut Progress<'_>,
) -> anyhow::Result<(u64, String)> {
    let (mut hash, mut size) = (Sha256::new(), 0_u64);
    loop {
        let count = match source.read(buffer) {
            Ok(0) => return Ok((size, hex::encode(hash.finalize()))),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        hash.update(bytes);
        target.write_all(bytes)?;
        size = size.saturating_add(count as u64);
        progress.add(count)?;
    }
}

/// Forces everything on the file system of `dir` to the disk: one call instead of one for each of many small files.
pub(super) fn sync_all_of(dir: &Path) -> io::Result<()> {
    let dir = File::open(dir)?;
    // SAFETY: syncfs takes an open file descriptor, which outlives the call.
    #[expect(unsafe_code, reason = "the standard library syncs single files only")]
    let synced = unsafe { libc::syncfs(dir.as_raw_fd()) };
    if synced == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;
    use std::os::unix::fs::PermissionsExt;

    fn manifest() -> Manifest {
        Manifest::new(db::migrate::newest(), "15".into(), Utc::now(), false)
    }

    fn begin(wanted: &Path) -> anyhow::Result<Draft<'static>> {
        Draft::begin(wanted, Progress::unstoppable(&|_| {}))
    }

    #[test]
    fn a_finished_draft_has_the_name_and_is_private() {
        let place = tempfile::tempdir().unwrap();
        let wanted = place.path().join("b");
        let mut draft = begin(&wanted).unwrap();
        draft.folder("mail").unwrap();
        draft.copy("mail/1", &mut &b"hello"[..]).unwrap();
        draft.finish(manifest()).unwrap();
        let read = Manifest::read(&wanted).unwrap();
        read.check_all(&wanted, &mut Progress::unstoppable(&|_| {})).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&wanted), mode(&wanted.join("mail/1"))), (0o700, 0o600));
        assert!(begin(&wanted).err().unwrap().to_string().contains("is there already"));
        fs::write(wanted.join("mail/1"), "jello").unwrap();
        let damage = read.check_all(&wanted, &mut Progress::unstoppable(&|_| {})).unwrap_err().to_string();
        assert!(damage.contains("mail/1 has changed"), "{damage}");
    }

    #[test]
    fn half_a_draft_never_has_the_name() {
        let place = tempfile::tempdir().unwrap();
        let wanted = place.path().join("b");
        let mut draft = begin(&wanted).unwrap();
        draft.copy("one", &mut &b"1"[..]).unwrap();
        assert!(begin(&wanted).err().unwrap().to_string().contains("another backup is writing"));
        // As after kill -9: the files stay, the lock goes.
        let dir = draft.dir.clone();
        draft.finished = true;
        drop(draft);
        assert!(dir.exists() && !wanted.exists());
        begin(&wanted).unwrap();
        assert!(!dir.exists(), "a given up draft goes");
        fs::create_dir(&dir).unwrap();
        assert!(begin(&wanted).err().unwrap().to_string().contains("no half-made backup"));
    }
}
