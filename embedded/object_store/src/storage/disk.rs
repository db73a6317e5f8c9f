//! Durable steps on the file system: fsync of files and directories, rename into place.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use uuid::Uuid;

/// Makes steps durable, or skips the fsyncs when the owner asked for speed (tests of other parts).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disk {
    fsync: bool,
}

impl Disk {
    /// `fsync = false` keeps all guarantees against a killed process, none against a power cut.
    pub(crate) fn new(fsync: bool) -> Self {
        Self { fsync }
    }

    /// Forces a file's data to the disk.
    pub(crate) fn sync_file(self, file: &File) -> io::Result<()> {
        if self.fsync { file.sync_data() } else { Ok(()) }
    }

    /// Forces a directory's entries to the disk.
    pub(crate) fn sync_dir(self, dir: &Path) -> io::Result<()> {
        if self.fsync { File::open(dir)?.sync_all() } else { Ok(()) }
    }

    /// Renames a durable file (or directory) into place and makes the new name durable.
    pub(crate) fn place(self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        match to.parent() {
            Some(dir) => self.sync_dir(dir),
            None => Ok(()),
        }
    }

    /// Writes a whole small file so that it is either absent or complete.
    pub(crate) fn write_whole(self, to: &Path, content: &[u8]) -> io::Result<()> {
        let mut name = to.as_os_str().to_owned();
        name.push(".new");
        let new = PathBuf::from(name);
        let mut file = File::create(&new)?;
        file.write_all(content)?;
        self.sync_file(&file)?;
        self.place(&new, to)
    }
}

/// Creates a directory; one that exists already is fine.
pub(crate) fn ensure_dir(dir: &Path) -> io::Result<()> {
    match fs::create_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Moves a directory to `trash` in one step and then deletes it there, so that it is never seen half deleted.
pub(crate) fn discard_dir(dir: &Path, trash: &Path) -> io::Result<()> {
    let target = trash.join(Uuid::new_v4().simple().to_string());
    fs::rename(dir, &target)?;
    fs::remove_dir_all(target)
}

/// Deletes whatever stands in a directory of leftovers.
pub(crate) fn empty_dir(dir: &Path) -> io::Result<()> {
    for item in fs::read_dir(dir)? {
        let item = item?;
        if item.file_type()?.is_dir() {
            fs::remove_dir_all(item.path())?;
        } else {
            fs::remove_file(item.path())?;
        }
    }
    Ok(())
}
