//! `smecloud backup` and `smecloud restore`: everything embedded, as it was at one moment.
//!
//! A backup is a folder laid out as the data directory, with a [`manifest::Manifest`] of every file's SHA-256. It is written
//! under another name and renamed at the end, so what has the name is whole.
//!
//! While the platform runs, its own process makes the backup ([`online`]), asked for through a socket ([`control`]):
//!
//! 1. from now on no object file is removed and PostgreSQL keeps its log;
//! 2. the database's files are copied, while they change;
//! 3. for an instant nothing is mailed, paid or stored, and the clock stands: the database's log up to here, the journals up
//!    to here and the mails up to here are one moment;
//! 4. the log, the objects that the journals name, and the rest are copied.
//!
//! - INV-K1: every object that a row of the backup names is in the backup, and so is every payment.
//! - INV-K2: what was acknowledged before the backup began is in it.
//! - INV-K3: a folder of the wanted name is a whole backup, and a data directory that starts is a whole restore.

pub(crate) mod control;
mod database;
mod draft;
mod manifest;
mod offline;
pub(crate) mod online;
mod progress;
mod restore;

pub(crate) use manifest::Manifest;
pub(crate) use offline::make as make_offline;
pub(crate) use progress::{Progress, megabytes};
pub(crate) use restore::{refuse_half_restored, run as restore, verify};

use draft::Draft;
use std::path::Path;

/// A file of the data directory, for [`Draft`], if it is there.
fn copy_if_there(draft: &mut Draft<'_>, root: &Path, name: &str) -> anyhow::Result<()> {
    let path = root.join(name);
    if path.exists() { draft.copy_path(name, &path) } else { Ok(()) }
}

/// What every backup holds besides the parts' own data.
fn copy_settings(draft: &mut Draft<'_>, root: &Path) -> anyhow::Result<()> {
    for name in [crate::secrets::FILE, crate::admin::FILE, crate::version::FILE] {
        copy_if_there(draft, root, name)?;
    }
    Ok(())
}
