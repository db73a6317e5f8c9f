//! The files of a folder, a bucket or the whole firm as they were at a moment.
//!
//! A file belongs to the work if it is in the folder now or was there then, and if it is or shows anything else than then. It
//! goes back to where it was and shows what it showed; what was not there goes to the trash. Nothing is deleted, and what goes to
//! the trash or is replaced is kept for thirty days at least, whatever its bucket says. What is done is in the history like
//! everything else: restoring the moment before undoes it.

use crate::{
    FileError,
    bucket::bucket_named,
    delete::{Keep, trash},
    events::{FileRestored, FileUpdated},
    file::{Locked, find, lock, lock_at},
    file_job::{Conflict, Step},
    gauge,
    history::{State, note},
    version,
};
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::files};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use jobs::Emit;
use kernel::ids::{BucketId, FileId, FileVersionId, Id};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Files in one step.
const BATCH: i64 = 50;
/// Files that may stand in each other's places, one after the other, to be settled together.
const CHAIN: usize = 100;
/// How long what a restore puts away is kept at least, so that it can be undone.
const UNDO: Duration = Duration::days(30);

/// Which files, and which moment. No bucket: all of the firm; an empty folder: the whole bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MomentTask {
    pub(crate) bucket: Option<BucketId>,
    pub(crate) folder: String,
    pub(crate) at: DateTime<Utc>,
}

/// What restoring a moment would do, in files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, QueryableByName)]
pub struct MomentCounts {
    /// Come back from the trash.
    #[diesel(sql_type = BigInt)]
    pub from_trash: i64,
    /// Go to the trash, because they were not there.
    #[diesel(sql_type = BigInt)]
    pub to_trash: i64,
    /// Go back to another place.
    #[diesel(sql_type = BigInt)]
    pub moved: i64,
    /// Show an older version again.
    #[diesel(sql_type = BigInt)]
    pub content: i64,
    /// Stay as they are, because what they showed, or their bucket, is deleted for good. Files that are deleted for good themselves
    /// are not known any more.
    #[diesel(sql_type = BigInt)]
    pub lost: i64,
    /// All of them, each counted once.
    #[diesel(sql_type = BigInt)]
    pub total: i64,
}

/// A file as it is, and as it was then.
#[derive(Debug, QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Bool)]
    live: bool,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    then_bucket: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    then_path: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    then_version: Option<Uuid>,
}

/// Files that are, or were, in the folder ($3 bucket, $4 and $5 its first and last path) and differ from how they were at $2.
const DIFFERENT: &str = "
    FROM files f LEFT JOIN LATERAL (
        SELECT h.bucket_id, h.path, h.version_id FROM file_history h
        WHERE h.tenant_id = $1 AND h.file_id = f.id AND h.at <= $2 ORDER BY h.at DESC, h.id DESC LIMIT 1
    ) past ON true
    WHERE f.tenant_id = $1
      AND ((f.deleted_at IS NULL AND ($3 IS NULL OR f.bucket_id = $3) AND f.path >= $4 AND f.path < $5)
        OR (past.version_id IS NOT NULL AND ($3 IS NULL OR past.bucket_id = $3)
            AND past.path COLLATE \"C\" >= $4 AND past.path COLLATE \"C\" < $5))
      AND CASE WHEN past.version_id IS NULL THEN f.deleted_at IS NULL
          ELSE f.deleted_at IS NOT NULL
            OR (f.bucket_id, f.path, f.version_id) IS DISTINCT FROM (past.bucket_id, past.path, past.version_id) END";

/// Binds what [`DIFFERENT`] names; a macro because the type of such a query has no short name.
macro_rules! bound {
    ($sql:expr, $tx:expr, $task:expr) => {
        sql_query($sql)
            .bind::<SqlUuid, _>($tx.tenant().uuid())
            .bind::<Timestamptz, _>($task.at)
            .bind::<Nullable<SqlUuid>, _>($task.bucket.map(Id::uuid))
            .bind::<Text, _>(&$task.folder)
            .bind::<Text, _>(format!("{}{}", $task.folder, char::MAX))
    };
}

/// What restoring the moment would do now.
pub(crate) fn count(tx: &mut TenantTx<'_>, task: &MomentTask) -> Result<MomentCounts, DbError> {
    let gone = "past.version_id IS NOT NULL AND NOT (
        EXISTS (SELECT 1 FROM file_versions v WHERE v.tenant_id = $1 AND v.id = past.version_id)
        AND EXISTS (SELECT 1 FROM buckets b WHERE b.tenant_id = $1 AND b.id = past.bucket_id))";
    let sql = format!(
        "WITH different AS (SELECT f.deleted_at IS NULL AS live, past.version_id IS NOT NULL AS was, {gone} AS gone,
            (f.bucket_id, f.path) IS DISTINCT FROM (past.bucket_id, past.path) AS place,
            f.version_id IS DISTINCT FROM past.version_id AS shows {DIFFERENT})
         SELECT count(*) FILTER (WHERE NOT live AND was AND NOT gone) AS from_trash,
            count(*) FILTER (WHERE live AND NOT was) AS to_trash,
            count(*) FILTER (WHERE live AND was AND place AND NOT gone) AS moved,
            count(*) FILTER (WHERE live AND was AND shows AND NOT gone) AS content,
            count(*) FILTER (WHERE gone) AS lost, count(*) AS total FROM different"
    );
    Ok(bound!(sql, tx, task).get_result(tx.conn())?)
}

/// The next files.
pub(crate) fn step(tx: &mut TenantTx<'_>, task: &MomentTask, after: Option<&str>) -> Result<Step, FileError> {
    let after = after.and_then(|text| text.parse::<FileId>().ok()).map_or(Uuid::nil(), Id::uuid);
    let sql = format!("SELECT f.id, {COLUMNS} {DIFFERENT} AND f.id > $6 ORDER BY f.id LIMIT $7");
    let rows: Vec<Row> = bound!(sql, tx, task)
        .bind::<SqlUuid, _>(after)
        .bind::<BigInt, _>(BATCH)
        .load(tx.conn())
        .map_err(DbError::from)?;
    let mut work = Work { task, under_way: Vec::new(), step: Step::default() };
    for row in &rows {
        if let Some(conflict) = work.settle(tx, FileId::from_uuid(row.id))? {
            work.step.done += 1;
            work.step.conflicts.push(conflict);
        }
    }
    let full = i64::try_from(rows.len()).is_ok_and(|found| found == BATCH);
    let next = rows.last().filter(|_| full).map(|row| FileId::from_uuid(row.id).to_string());
    Ok(Step { next, ..work.step })
}

const COLUMNS: &str = "f.deleted_at IS NULL AS live, past.bucket_id AS then_bucket, past.path AS then_path,
    past.version_id AS then_version";

/// One step under way.
struct Work<'a> {
    task: &'a MomentTask,
    /// Files that wait for another to leave their place.
    under_way: Vec<FileId>,
    step: Step,
}

impl Work<'_> {
    /// Makes one file as it was, and counts it. Whoever stands in its place goes first, if that belongs to the work too. The
    /// conflict, if it stays as it is.
    fn settle(&mut self, tx: &mut TenantTx<'_>, id: FileId) -> Result<Option<Conflict>, FileError> {
        let Some(locked) = lock(tx, id)? else { return Ok(None) };
        let Some(row) = self.row(tx, id)? else { return Ok(None) };
        let (Some(bucket), Some(path), Some(version)) = (row.then_bucket, &row.then_path, row.then_version) else {
            if let Some(file) = find(tx, id)?.filter(|_| row.live) {
                trash(tx, &file, Keep::AtLeast(UNDO))?;
                self.step.done += 1;
            }
            return Ok(None);
        };
        let then = Then { bucket: BucketId::from_uuid(bucket), path, version: FileVersionId::from_uuid(version) };
        if let Err(code) = self.make_room(tx, &locked, &then)? {
            return Ok(Some(Conflict::new(&locked.path, code)));
        }
        place(tx, &locked, &then)?;
        self.step.done += 1;
        Ok(None)
    }

    /// The file's row, if it still belongs to the work.
    fn row(&self, tx: &mut TenantTx<'_>, id: FileId) -> Result<Option<Row>, DbError> {
        let sql = format!("SELECT f.id, {COLUMNS} {DIFFERENT} AND f.id = $6");
        Ok(bound!(sql, tx, self.task).bind::<SqlUuid, _>(id.uuid()).get_result(tx.conn()).optional()?)
    }

    /// Sees that the file can be as it was; the reason, if not.
    fn make_room(
        &mut self,
        tx: &mut TenantTx<'_>,
        file: &Locked,
        then: &Then<'_>,
    ) -> Result<Result<(), &'static str>, FileError> {
        if version::lock(tx, file.id, then.version)?.is_none() {
            return Ok(Err("version_gone"));
        }
        if bucket_named(tx, then.bucket)?.is_none() {
            return Ok(Err("bucket_gone"));
        }
        let Some(other) = lock_at(tx, then.bucket, then.path)?.filter(|other| other.id != file.id) else {
            return Ok(Ok(()));
        };
        if self.under_way.contains(&other.id) {
            // They stand in each other's places: this one waits in the trash until the end of this very transaction's work.
            lift(tx, other.id)?;
            return Ok(Ok(()));
        }
        if self.under_way.len() == CHAIN {
            return Ok(Err("path_taken"));
        }
        self.under_way.push(file.id);
        self.settle(tx, other.id)?;
        self.under_way.pop();
        let taken = lock_at(tx, then.bucket, then.path)?.is_some();
        Ok(if taken { Err("path_taken") } else { Ok(()) })
    }
}

/// Where a file was, and what it showed.
struct Then<'a> {
    bucket: BucketId,
    path: &'a str,
    version: FileVersionId,
}

/// Takes a file out of its place for a moment.
fn lift(tx: &mut TenantTx<'_>, id: FileId) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(id)))
        .set((files::deleted_at.eq(now), files::purge_at.eq(now)))
        .execute(tx.conn())?;
    Ok(())
}

/// Puts a file where it was, showing what it showed.
fn place(tx: &mut TenantTx<'_>, file: &Locked, then: &Then<'_>) -> Result<(), FileError> {
    gauge::carry(tx, file, then.bucket)?;
    let now = tx.now();
    diesel::update(files::table.filter(files::tenant_id.eq(tx.tenant())).filter(files::id.eq(file.id)))
        .set((
            files::bucket_id.eq(then.bucket),
            files::path.eq(then.path),
            files::deleted_at.eq(None::<DateTime<Utc>>),
            files::purge_at.eq(None::<DateTime<Utc>>),
            files::updated_at.eq(now),
            files::revision.eq(files::revision + 1),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    if let Some(bucket) = bucket_named(tx, then.bucket)?.filter(|_| then.version != file.version_id) {
        version::show(tx, (file, &bucket), then.version, Some(UNDO))?;
    }
    note(tx, &State { file: file.id, bucket: then.bucket, path: then.path, version: Some(then.version) })?;
    let placed = find(tx, file.id)?.ok_or(FileError::NotFound)?;
    if file.deleted_at.is_some() {
        tx.emit(&FileRestored::from(&placed))?;
    } else {
        tx.emit(&FileUpdated::from(&placed))?;
    }
    Ok(())
}
