//! The database's files.

use super::draft::Draft;
use anyhow::{Context, ensure};
use std::{
    fs::{self, File},
    io::{ErrorKind, Read},
    path::Path,
};

/// Where the server's files stand in a backup.
pub(super) const DATA: &str = "pg/data";
/// The superuser's password.
pub(super) const PASSWORD: &str = "pg/password";
/// Folders whose contents the server makes anew at every start.
const MADE_ANEW: &[&str] =
    &["pg_dynshmem", "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat_tmp", "pg_subtrans"];
/// Files that belong to a running server.
const RUNNING: &[&str] = &["postmaster.pid", "postmaster.opts", "backup_label", "backup_label.old", "tablespace_map"];
const WAL: &str = "pg_wal";
const CONTROL: &str = "global/pg_control";
/// Reads of the control file until two agree.
const CONTROL_READS: usize = 20;

/// Which part of the write-ahead log is copied.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Log {
    /// All of it: the server does not run.
    Whole,
    /// Only the folder; the files follow by [`copy_log`].
    Later,
}

/// Copies a cluster's files. Those of a running server may come, go and grow meanwhile: its log mends that.
pub(super) fn copy_cluster(draft: &mut Draft<'_>, data: &Path, log: Log) -> anyhow::Result<()> {
    draft.folder("pg")?;
    draft.folder(DATA)?;
    let spaces = fs::read_dir(data.join("pg_tblspc")).context("cannot read the database's files")?;
    ensure!(spaces.count() == 0, "the database has table spaces outside of its folder, which are not backed up");
    copy_folder(draft, data, "", log)
}

fn copy_folder(draft: &mut Draft<'_>, data: &Path, inside: &str, log: Log) -> anyhow::Result<()> {
    let folder = data.join(inside);
    for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("a file of the database has a strange name")?;
        let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
        let is_folder = match entry.file_type() {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            kind => kind?.is_dir(),
        };
        if name.starts_with("pgsql_tmp") || name.starts_with("pg_internal.init") || RUNNING.contains(&path.as_str()) {
            continue;
        }
        if is_folder {
            draft.folder(&format!("{DATA}/{path}"))?;
            if !MADE_ANEW.contains(&path.as_str()) {
                copy_folder(draft, data, &path, log)?;
            }
        } else if path == CONTROL {
            draft.copy(&format!("{DATA}/{path}"), &mut control_file(&entry.path())?.as_slice())?;
        } else if log == Log::Whole || !path.starts_with(WAL) {
            copy_file(draft, &path, &entry.path())?;
        }
    }
    Ok(())
}

fn copy_file(draft: &mut Draft<'_>, name: &str, path: &Path) -> anyhow::Result<()> {
    match File::open(path) {
        Ok(mut file) => draft.copy(&format!("{DATA}/{name}"), &mut file),
        // Dropped since the folder was read; the log says so too.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// The control file, which has to be read as it was written: at once.
fn control_file(path: &Path) -> anyhow::Result<Vec<u8>> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.read_to_end(&mut bytes).map(|_| bytes)
    };
    let mut before = read()?;
    for _ in 0..CONTROL_READS {
        let now = read()?;
        if now == before {
            return Ok(now);
        }
        before = now;
    }
    anyhow::bail!("the database's control file never stands still")
}

/// Copies the log from one file to another, both included.
pub(super) fn copy_log(draft: &mut Draft<'_>, data: &Path, first: &str, last: &str) -> anyhow::Result<()> {
    let folder = data.join(WAL);
    let names = fs::read_dir(&folder).context("cannot read the database's log")?;
    let mut names: Vec<String> = names.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.retain(|name| name.len() == first.len() && (first..=last).contains(&name.as_str()));
    names.sort_unstable();
    ensure!(names.first().is_some_and(|name| name == first), "the database's log begins after the backup did");
    for name in names {
        draft.copy_path(&format!("{DATA}/{WAL}/{name}"), &folder.join(&name))?;
    }
    Ok(())
}
