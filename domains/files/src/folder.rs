//! Folders moved and copied: a folder is the beginning of paths, so its files are, one after the other.

use crate::{
    Destination, File, FileError, FileJob, FilePath,
    bucket::find_bucket,
    copy_file::copy,
    events::FileUpdated,
    file::{Locked, find_after, lock, lock_at},
    file_job::{Conflict, FileJobKind, Step, Task, start},
    move_file::{put, target},
};
use audit::Audited;
use db::{DbError, TenantTx, schema::files};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::BucketId;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Files in one step.
const BATCH: i64 = 100;

/// A folder and where its files are to go. Both paths end with a slash; an empty one is the whole bucket.
#[derive(Debug, Clone)]
pub struct FolderMove {
    /// The bucket's name.
    pub bucket: String,
    /// The folder in it.
    pub folder: String,
    /// The bucket it is to go to.
    pub to_bucket: String,
    /// The folder there.
    pub to_folder: String,
    /// Whether the files stay where they are, too.
    pub copy: bool,
}

/// Why no folder is moved or copied.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// No such bucket, or no file in the folder.
    #[error("no such folder or bucket")]
    NotFound,
    /// The one folder is the other, or lies in it.
    #[error("a folder cannot go into itself")]
    IntoItself,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The same, as the job keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FolderTask {
    bucket: BucketId,
    folder: String,
    to_bucket: String,
    to_folder: String,
    copy: bool,
}

/// Begins to move or copy a folder.
pub fn start_folder_move(tx: &mut TenantTx<'_>, command: &FolderMove) -> Result<FileJob, FolderError> {
    let bucket = find_bucket(tx, &command.bucket)?.ok_or(FolderError::NotFound)?;
    let to = find_bucket(tx, &command.to_bucket)?.ok_or(FolderError::NotFound)?;
    let (from, into) = (&command.folder, &command.to_folder);
    if bucket.id == to.id && into.starts_with(from.as_str()) {
        return Err(FolderError::IntoItself);
    }
    let total = count(tx, bucket.id, from)?;
    if total == 0 {
        return Err(FolderError::NotFound);
    }
    let task = Task::Folder(FolderTask {
        bucket: bucket.id,
        folder: from.clone(),
        to_bucket: to.name,
        to_folder: into.clone(),
        copy: command.copy,
    });
    let (kind, action) =
        if command.copy { (FileJobKind::Copy, "folder.copied") } else { (FileJobKind::Move, "folder.moved") };
    let job = start(tx, kind, &task, total)?;
    tx.audit(action, job.id, json!({ "from": bucket.id, "to": to.id, "files": total }))?;
    Ok(job)
}

fn count(tx: &mut TenantTx<'_>, bucket: BucketId, folder: &str) -> Result<i64, DbError> {
    Ok(files::table
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::bucket_id.eq(bucket))
        .filter(files::deleted_at.is_null())
        .filter(files::path.ge(folder))
        .filter(files::path.lt(format!("{folder}{}", char::MAX)))
        .count()
        .get_result(tx.conn())?)
}

/// The next files of the folder.
pub(crate) fn step(tx: &mut TenantTx<'_>, task: &FolderTask, job: &FileJob) -> Result<Step, FileError> {
    let after = job.position.as_deref().and_then(|text| text.parse().ok());
    let rows = find_after(tx, (task.bucket, &task.folder), (after, job.created_at), BATCH)?;
    let mut step = Step::default();
    for file in &rows {
        step.done += 1;
        if let Some(code) = carry(tx, task, file)? {
            step.conflicts.push(Conflict::new(&file.path, code));
        }
    }
    let full = i64::try_from(rows.len()).is_ok_and(|found| found == BATCH);
    step.next = rows.last().filter(|_| full).map(|file| file.id.to_string());
    Ok(step)
}

/// Moves or copies one file; the reason, if it stays. One that has changed since it was read is not in the folder any more, or
/// is somebody else's work now: it stays without a reason.
fn carry(tx: &mut TenantTx<'_>, task: &FolderTask, file: &File) -> Result<Option<&'static str>, FileError> {
    let unchanged = |locked: &Locked| locked.deleted_at.is_none() && locked.revision == file.revision;
    let Some(locked) = lock(tx, file.id)?.filter(unchanged) else { return Ok(None) };
    let rest = file.path.get(task.folder.len()..).unwrap_or_default();
    let Ok(path) = format!("{}{rest}", task.to_folder).parse::<FilePath>() else { return Ok(Some("path_invalid")) };
    let to = Destination { bucket: Some(task.to_bucket.clone()), path };
    let bucket = match target(tx, file, &to) {
        Ok(bucket) => bucket,
        Err(error) => return reason(error).map(Some),
    };
    if lock_at(tx, bucket.id, to.path.as_str())?.is_some() {
        return Ok(Some("path_taken"));
    }
    if task.copy {
        return match copy(tx, file.id, &to) {
            Ok(_) => Ok(None),
            Err(error) => reason(error).map(Some),
        };
    }
    put(tx, &locked, &bucket, to.path.as_str())?;
    let moved = File { bucket: bucket.name, path: to.path.into(), ..file.clone() };
    tx.emit(&FileUpdated::from(&moved))?;
    Ok(None)
}

/// The word for a refusal of one file; other errors end the step.
fn reason(error: FileError) -> Result<&'static str, FileError> {
    match error {
        FileError::TooLarge { .. } => Ok("file_too_large"),
        FileError::TypeNotAllowed { .. } => Ok("type_not_allowed"),
        FileError::QuotaExceeded { .. } => Ok("storage_quota_exceeded"),
        FileError::NotFound => Ok("bucket_gone"),
        error => Err(error),
    }
}
