//! All objects as they are at one moment, to be copied while the server goes on.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;

use super::bucket::{Bucket, object_path};
use super::recovery::journal_path;
use super::store::Store;

/// While it lives, no object file is removed.
pub struct Hold {
    store: Arc<Store>,
}

/// What there is to copy, by path under the root.
pub struct Snapshot {
    root: PathBuf,
    buckets: Vec<Frozen>,
    _hold: Hold,
}

/// One bucket at that moment.
struct Frozen {
    dir: PathBuf,
    /// The journal grows on, or is replaced; the open file with its length does not change.
    journal: File,
    journal_length: u64,
    versions: Vec<(String, Uuid)>,
    /// Hard links to the parts of unfinished uploads: the link's path, and the path it stands for.
    parts: Vec<(PathBuf, PathBuf)>,
    links: PathBuf,
}

impl Hold {
    pub(crate) fn take(store: Arc<Store>) -> Self {
        store.holds.take();
        Self { store }
    }

    /// Lets no commit happen while `instant` runs, and returns what there is at this moment. Blocks.
    ///
    /// # Errors
    /// What `instant` returns, or the disk.
    pub fn freeze<T, E: From<io::Error>>(self, instant: impl FnOnce() -> Result<T, E>) -> Result<(Snapshot, T), E> {
        let store = Arc::clone(&self.store);
        let buckets = store.all();
        let guards: Vec<_> = buckets.values().map(|bucket| bucket.freeze()).collect();
        let value = instant()?;
        let frozen = buckets.values().map(|bucket| Frozen::of(bucket)).collect::<io::Result<_>>()?;
        drop(guards);
        Ok((Snapshot { root: store.root().to_owned(), buckets: frozen, _hold: self }, value))
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.store.holds.release();
    }
}

impl Frozen {
    fn of(bucket: &Bucket) -> io::Result<Self> {
        let dir = bucket.dir().to_owned();
        let journal = File::open(journal_path(&dir))?;
        let journal_length = journal.metadata()?.len();
        let links = bucket.tmp().join(Uuid::new_v4().simple().to_string());
        let mut frozen = Self { dir, journal, journal_length, versions: bucket.versions(), parts: Vec::new(), links };
        frozen.link_parts(&bucket.uploads_dir())?;
        Ok(frozen)
    }

    fn link_parts(&mut self, uploads: &Path) -> io::Result<()> {
        fs::create_dir(&self.links)?;
        for upload in fs::read_dir(uploads)? {
            // An upload whose object stands already may be on its way out.
            for part in there(fs::read_dir(upload?.path()))?.into_iter().flatten() {
                let (path, link) = (part?.path(), self.links.join(self.parts.len().to_string()));
                if there(fs::hard_link(&path, &link))?.is_some() {
                    self.parts.push((link, path));
                }
            }
        }
        Ok(())
    }
}

fn there<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.links) {
            tracing::warn!(%error, "links of a copy not removed");
        }
    }
}

impl Snapshot {
    /// How many files there are.
    pub fn len(&self) -> usize {
        self.buckets.iter().map(|bucket| bucket.versions.len() + bucket.parts.len() + 1).sum()
    }

    /// Whether there is not even a bucket.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Shows every directory that must be there, parents first.
    ///
    /// # Errors
    /// What `take` returns, or the disk.
    pub fn each_folder<E: From<io::Error>>(&self, mut take: impl FnMut(&Path) -> Result<(), E>) -> Result<(), E> {
        take(Path::new("buckets"))?;
        for bucket in &self.buckets {
            let dir = self.relative(&bucket.dir);
            take(dir)?;
            for name in ["objects", "tmp", "uploads"] {
                take(&dir.join(name))?;
            }
            (0..=u8::MAX).try_for_each(|fan| take(&dir.join("objects").join(hex::encode([fan]))))?;
            let mut uploads: Vec<&Path> = bucket.parts.iter().filter_map(|(_, part)| part.parent()).collect();
            uploads.dedup();
            uploads.into_iter().try_for_each(|upload| take(self.relative(upload)))?;
        }
        Ok(())
    }

    /// Shows every file: its path and its bytes.
    ///
    /// # Errors
    /// What `take` returns, or the disk.
    pub fn each_file<E: From<io::Error>>(
        &self,
        mut take: impl FnMut(&Path, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        for bucket in &self.buckets {
            let journal = self.relative(&bucket.dir).join("journal");
            take(&journal, &mut (&bucket.journal).take(bucket.journal_length))?;
            for (key, version) in &bucket.versions {
                let path = object_path(&bucket.dir, key, *version);
                take(self.relative(&path), &mut File::open(&path)?)?;
            }
            for (link, path) in &bucket.parts {
                take(self.relative(path), &mut File::open(link)?)?;
            }
        }
        Ok(())
    }

    fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}
