//! The mails on disk and in memory.
//!
//! One file a mail, named by a growing number: a line of JSON with the envelope, then the mail as it came.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::parse::Content;
use crate::{CaughtMail, Now};

const EXTENSION: &str = "mail";

/// The directory of mails. Only one process may use it at a time.
pub(crate) struct Store {
    dir: PathBuf,
    now: Now,
    /// The number of the next mail; held while one is written, so that files and memory agree on the order.
    next: Mutex<u64>,
    mails: watch::Sender<Vec<CaughtMail>>,
}

/// What the mail itself does not tell.
#[derive(Serialize, Deserialize)]
struct Envelope {
    to: Vec<String>,
    at: DateTime<Utc>,
}

impl Store {
    /// Makes the directory if needed and reads what is in it.
    pub(crate) fn open(dir: PathBuf, now: Now) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        let numbers = stored(&dir)?;
        let next = numbers.last().map_or(1, |last| last + 1);
        let mut mails = Vec::with_capacity(numbers.len());
        for path in numbers.iter().map(|number| path_of(&dir, *number)) {
            match read(&path) {
                Ok(mail) => mails.push(mail),
                Err(error) => tracing::warn!(%error, path = %path.display(), "cannot read a stored mail"),
            }
        }
        Ok(Self { dir, now, next: Mutex::new(next), mails: watch::Sender::new(mails) })
    }

    /// All mails, oldest first, and news of arrivals.
    pub(crate) fn mails(&self) -> watch::Receiver<Vec<CaughtMail>> {
        self.mails.subscribe()
    }

    /// Lets no mail arrive while `instant` runs, and returns the files of this moment, which never change.
    pub(crate) fn freeze<T, E: From<io::Error>>(
        &self,
        instant: impl FnOnce() -> Result<T, E>,
    ) -> Result<(Vec<PathBuf>, T), E> {
        let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let value = instant()?;
        let files = (1..*next).map(|number| path_of(&self.dir, number)).filter(|path| path.exists()).collect();
        Ok((files, value))
    }

    /// Returns when the mail is durably on disk.
    pub(crate) fn keep(&self, to: Vec<String>, raw: &[u8]) -> io::Result<()> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let envelope = Envelope { to, at: (self.now)() };
        write(&self.dir, &path_of(&self.dir, *next), &envelope, raw)?;
        *next += 1;
        self.mails.send_modify(|mails| mails.push(show(envelope, raw)));
        Ok(())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("dir", &self.dir).finish_non_exhaustive()
    }
}

fn path_of(dir: &Path, number: u64) -> PathBuf {
    dir.join(format!("{number:012}.{EXTENSION}"))
}

/// The numbers of the stored mails in order. Removes what a write cut short left.
fn stored(dir: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        match (number, path.extension().and_then(|extension| extension.to_str())) {
            (Some(number), Some(EXTENSION)) => numbers.push(number),
            (Some(_), Some("tmp")) => fs::remove_file(&path)?,
            _ => {}
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn write(dir: &Path, path: &Path, envelope: &Envelope, raw: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary)?;
    file.write_all(serde_json::to_string(envelope)?.as_bytes())?;
    file.write_all(b"\n")?;
    file.write_all(raw)?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    File::open(dir)?.sync_all()
}

fn read(path: &Path) -> io::Result<CaughtMail> {
    let bytes = fs::read(path)?;
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(io::ErrorKind::InvalidData)?;
    let envelope = serde_json::from_slice(&bytes[..end])?;
    Ok(show(envelope, &bytes[end + 1..]))
}

fn show(envelope: Envelope, raw: &[u8]) -> CaughtMail {
    let Content { subject, text, html } = Content::parse(raw);
    CaughtMail { to: envelope.to, subject, text, html, at: envelope.at }
}
