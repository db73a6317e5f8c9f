//! A backup of the running platform, made by its own process.

use super::{
    Manifest, copy_settings,
    database::{self, Log},
    draft::Draft,
    progress::Progress,
};
use crate::{
    clock::{self, PlatformClock},
    data_dir::DataDir,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use db::base_backup::{BackupEnd, BaseBackup};
use mail_catcher::Mailbox;
use std::{
    fs::File,
    io::Take,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

/// The running parts, as far as a backup needs them.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    /// The data directory.
    pub(crate) dir: Arc<DataDir>,
    /// Its time.
    pub(crate) clock: Arc<PlatformClock>,
    /// The superuser's way in.
    pub(crate) superuser_url: kernel::secrets::Secret,
    /// The server's files.
    pub(crate) data: PathBuf,
    /// Its superuser's password.
    pub(crate) password_file: PathBuf,
    /// The object store, if it is embedded.
    pub(crate) objects: Option<object_store::Copies>,
    /// The payment simulator, if it runs.
    pub(crate) payments: Option<stripe_simulator::Copies>,
    /// The mail catcher, if mail is caught.
    pub(crate) mailbox: Option<Mailbox>,
}

/// The moment that everything in the backup is of.
struct Moment {
    at: DateTime<Utc>,
    /// How long everything stood still.
    stood: Duration,
    database: BackupEnd,
    objects: Option<object_store::Snapshot>,
    payments: Option<Take<File>>,
    mails: Vec<PathBuf>,
    /// How far the clock is ahead, in microseconds.
    shift: i64,
}

/// Copies everything while it runs. Blocks.
pub(crate) fn make(sources: &Sources, target: &Path, progress: Progress<'_>) -> anyhow::Result<Manifest> {
    let mut draft = Draft::begin(target, progress)?;
    let hold = sources.objects.as_ref().map(object_store::Copies::hold);
    draft.progress.step("Copying the database");
    let mut base = BaseBackup::begin(sources.superuser_url.expose())?;
    let version = base.server_version()?;
    database::copy_cluster(&mut draft, &sources.data, Log::Later)?;
    draft.copy_path(database::PASSWORD, &sources.password_file)?;
    let moment = stand_still(sources, hold, &mut base)?;
    tracing::info!(stood_ms = moment.stood.as_millis(), "a backup took its moment");
    let first = moment.database.first_wal().context("the database's backup label cannot be read")?;
    database::copy_log(&mut draft, &sources.data, first, &moment.database.last_wal)?;
    draft.copy(&format!("{}/backup_label", database::DATA), &mut moment.database.label.as_bytes())?;
    drop(base);
    let at = moment.at;
    copy_parts(&mut draft, moment)?;
    copy_settings(&mut draft, sources.dir.root())?;
    let version = version.split(' ').next().unwrap_or_default().to_owned();
    draft.finish(Manifest::new(db::migrate::newest(), version, at, true))
}

/// Lets nothing be mailed, paid or stored, and the clock not be turned, while the database says where its log stands. What
/// the database knows of the other parts they did before this moment, so all of it is in the backup.
fn stand_still(sources: &Sources, hold: Option<object_store::Hold>, base: &mut BaseBackup) -> anyhow::Result<Moment> {
    let (mut objects, mut payments, mut mails) = (None, None, Vec::new());
    let began = Instant::now();
    let (shift, (at, database)) = sources.clock.freeze(|| {
        let mut end = || anyhow::Ok((Utc::now(), base.end()?));
        let with_objects = || match hold {
            Some(hold) => hold.freeze(end).map(|(snapshot, value)| {
                objects = Some(snapshot);
                value
            }),
            None => end(),
        };
        let with_payments = || match &sources.payments {
            Some(copies) => copies.freeze(with_objects).map(|(journal, value)| {
                payments = Some(journal);
                value
            }),
            None => with_objects(),
        };
        match &sources.mailbox {
            Some(mailbox) => mailbox.freeze(with_payments).map(|(files, value)| {
                mails = files;
                value
            }),
            None => with_payments(),
        }
    })?;
    Ok(Moment { at, stood: began.elapsed(), database, objects, payments, mails, shift })
}

fn copy_parts(draft: &mut Draft<'_>, moment: Moment) -> anyhow::Result<()> {
    draft.progress.step("Copying objects, payments and mails");
    if let Some(objects) = moment.objects {
        draft.folder("objects")?;
        objects.each_folder(|path| draft.folder(&inside("objects", path)))?;
        objects.each_file(|path, bytes| draft.copy(&inside("objects", path), bytes))?;
    }
    if let Some(mut journal) = moment.payments {
        draft.folder("stripe")?;
        draft.copy(&inside("stripe", Path::new(stripe_simulator::Copies::FILE)), &mut journal)?;
    }
    draft.folder("mail")?;
    for mail in moment.mails {
        let name = mail.file_name().context("a mail without a name")?;
        draft.copy_path(&inside("mail", Path::new(name)), &mail)?;
    }
    draft.copy(clock::FILE, &mut moment.shift.to_string().as_bytes())
}

fn inside(part: &str, path: &Path) -> String {
    format!("{part}/{}", path.display())
}
