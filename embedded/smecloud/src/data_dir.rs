//! The directory of everything the embedded parts keep.

use anyhow::{Context, bail};
use std::{
    fs::{self, File, TryLockError},
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// A directory that this process alone uses.
#[derive(Debug)]
pub(crate) struct DataDir {
    root: PathBuf,
    /// The kernel frees the lock however this process ends.
    _lock: File,
}

impl DataDir {
    /// Makes the directory if it is missing, and takes it.
    pub(crate) fn open(root: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(root).with_context(|| format!("cannot make DATA_DIR {}", root.display()))?;
        let root = root.canonicalize().with_context(|| format!("cannot find DATA_DIR {}", root.display()))?;
        let path = root.join("lock");
        let lock = File::options().create(true).append(true).mode(0o600).open(&path);
        let lock = lock.with_context(|| format!("cannot open {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                bail!("another smecloud uses the directory {}; stop it, or set DATA_DIR to another one", root.display())
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
        }
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The path of a file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The path of a folder that only its owner may enter.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
        made.with_context(|| format!("cannot make {}", path.display()))?;
        Ok(path)
    }

    /// A file's text; `None` if it was never written.
    pub(crate) fn read(&self, name: &str) -> anyhow::Result<Option<String>> {
        let path = self.path(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Writes a file that only its owner may read. Whatever happens, the file has the old text or the new one.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let (path, draft) = (self.path(name), self.path(&format!("{name}.new")));
        let write = || {
            let mut file = File::options().create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(&self.root)?.sync_all()
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Whether some process uses the directory.
pub(crate) fn is_taken(root: &Path) -> anyhow::Result<bool> {
    let path = root.join("lock");
    let lock = match File::open(&path) {
        Ok(lock) => lock,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error).with_context(|| format!("cannot open {}", path.display())),
    };
    match lock.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("cannot lock {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_second_owner_is_refused_until_the_first_is_gone() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("deep/data");
        assert!(!is_taken(&root).unwrap());
        let first = DataDir::open(&root).unwrap();
        assert!(is_taken(&root).unwrap());
        let refusal = DataDir::open(&root).unwrap_err().to_string();
        assert!(refusal.starts_with("another smecloud uses the directory"), "{refusal}");
        drop(first);
        assert!(!is_taken(&root).unwrap());
        DataDir::open(&root).unwrap();
    }

    #[test]
    fn files_are_private_and_replaced_as_a_whole() {
        let temporary = tempfile::tempdir().unwrap();
        let dir = DataDir::open(temporary.path()).unwrap();
        assert_eq!(dir.read("note").unwrap(), None);
        dir.write("note", "a long first text").unwrap();
        dir.write("note", "short").unwrap();
        assert_eq!(dir.read("note").unwrap().as_deref(), Some("short"));
        let mode = fs::metadata(dir.path("note")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
