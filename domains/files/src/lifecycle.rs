//! Rules of a bucket that run every day.

use crate::{
    Bucket, FileError, UpdateBucketError,
    bucket::{find_bucket, lock_bucket},
    delete::{Keep, trash},
    file::{File, query},
    gauge,
    hold::held,
    purge::purge_by,
    uploads::{Stale, end_stale, stale},
    version::drop_beyond,
};
use audit::Audited;
use chrono::Duration;
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_holds, file_versions, files},
};
use diesel::{
    dsl::{not, sql},
    prelude::*,
    sql_query,
    sql_types::{BigInt, Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::ids::{BucketId, FileId, Id};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Paths that a preview tells for each rule.
const SAMPLE: i64 = 10;

/// One rule. Folders end with a slash; an empty one is the whole bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum LifecycleRule {
    /// Files not changed for so many days go to the trash.
    Trash {
        /// Where.
        folder: String,
        /// Days since the last change.
        days: i32,
    },
    /// Files not changed for so many days are deleted for good, unless they are held.
    Expire {
        /// Where.
        folder: String,
        /// Days since the last change.
        days: i32,
    },
    /// Of a file's older versions, only so many are kept.
    KeepVersions {
        /// Where.
        folder: String,
        /// Versions kept beside the one that is shown.
        versions: i32,
    },
    /// Presigned and resumable uploads wait so many days for their bytes, instead of one. The first rule for a path counts.
    AbortUploads {
        /// Where.
        folder: String,
        /// Days since the upload was begun.
        days: i32,
    },
}

impl LifecycleRule {
    fn folder(&self) -> &str {
        match self {
            Self::Trash { folder, .. }
            | Self::Expire { folder, .. }
            | Self::KeepVersions { folder, .. }
            | Self::AbortUploads { folder, .. } => folder,
        }
    }

    /// How many days an upload to a path may wait, if this rule is for it.
    pub(crate) fn upload_days(&self, path: &str) -> Option<i32> {
        match self {
            Self::AbortUploads { folder, days } if path.starts_with(folder.as_str()) => Some(*days),
            _ => None,
        }
    }
}

/// What a rule would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecyclePreview {
    /// The rule.
    pub rule: LifecycleRule,
    /// Files, or uploads, it would touch.
    pub files: i64,
    /// Bytes that would go to the trash or come free.
    pub bytes: i64,
    /// Paths of the first of them.
    pub paths: Vec<String>,
}

/// Gives a bucket new rules in place of those it has. They run for the first time soon, then every day.
pub fn set_lifecycle(
    tx: &mut TenantTx<'_>,
    name: &str,
    rules: &[LifecycleRule],
    seen: Option<i64>,
) -> Result<Bucket, UpdateBucketError> {
    let bucket = lock_bucket(tx, name)?.ok_or(UpdateBucketError::NotFound)?;
    if seen.is_some_and(|seen| seen != bucket.revision) {
        return Err(UpdateBucketError::Stale { current: bucket.revision });
    }
    if bucket.lifecycle() == rules {
        return Ok(bucket);
    }
    let stored = serde_json::to_value(rules).map_err(|error| DbError::Corrupt(error.to_string()))?;
    diesel::update(buckets::table.filter(buckets::tenant_id.eq(tx.tenant())).filter(buckets::id.eq(bucket.id)))
        .set((buckets::lifecycle.eq(stored), buckets::revision.eq(buckets::revision + 1)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    gauge::run_lifecycle(tx)?;
    tx.audit("bucket.lifecycle_set", bucket.id, json!({ "rules": rules.len() }))?;
    find_bucket(tx, name)?.ok_or(UpdateBucketError::NotFound)
}

/// Tells what rules would do if they ran now. Changes nothing.
pub fn preview_lifecycle(
    tx: &mut TenantTx<'_>,
    name: &str,
    rules: &[LifecycleRule],
) -> Result<Vec<LifecyclePreview>, UpdateBucketError> {
    let bucket = find_bucket(tx, name)?.ok_or(UpdateBucketError::NotFound)?.id;
    let places = 0..rules.len();
    rules.iter().zip(places).map(|(rule, at)| Ok(preview(tx, bucket, (rule, &waiting(&rules[..at])))?)).collect()
}

/// Folders whose uploads these rules speak of: the first rule for a path counts.
pub(crate) fn waiting(rules: &[LifecycleRule]) -> Vec<String> {
    let of = |rule: &&LifecycleRule| matches!(rule, LifecycleRule::AbortUploads { .. });
    rules.iter().filter(of).map(|rule| rule.folder().to_owned()).collect()
}

fn preview(
    tx: &mut TenantTx<'_>,
    bucket: BucketId,
    (rule, except): (&LifecycleRule, &[String]),
) -> Result<LifecyclePreview, DbError> {
    if let LifecycleRule::AbortUploads { days, .. } = rule {
        let by = tx.now() - Duration::days((*days).into());
        let (files, bytes, paths) = stale(tx, Stale { bucket, folder: rule.folder(), except, by }, SAMPLE)?;
        return Ok(LifecyclePreview { rule: rule.clone(), files, bytes, paths });
    }
    let paths = touched(tx, bucket, rule, None, SAMPLE)?.into_iter().map(|file| file.path).collect();
    let Sums { files, bytes } = match rule {
        LifecycleRule::Trash { days, .. } => sums_of_files(tx, bucket, rule.folder(), (*days, false))?,
        LifecycleRule::Expire { days, .. } => sums_of_files(tx, bucket, rule.folder(), (*days, true))?,
        LifecycleRule::KeepVersions { versions, .. } => sums_of_versions(tx, bucket, rule.folder(), *versions)?,
        LifecycleRule::AbortUploads { .. } => Sums { files: 0, bytes: 0 },
    };
    Ok(LifecyclePreview { rule: rule.clone(), files, bytes, paths })
}

#[derive(Debug, QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    files: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// Files of a folder not changed for so many days, held ones left out if told so.
fn sums_of_files(
    tx: &mut TenantTx<'_>,
    bucket: BucketId,
    folder: &str,
    (days, spares_held): (i32, bool),
) -> Result<Sums, DbError> {
    let query = sql_query(
        "SELECT count(*) AS files, coalesce(sum(v.size_bytes), 0)::bigint AS bytes
         FROM files f JOIN file_versions v ON v.tenant_id = f.tenant_id AND v.id = f.version_id
         WHERE f.tenant_id = $1 AND f.bucket_id = $2 AND f.path >= $3 AND f.path < $4 AND f.deleted_at IS NULL
           AND f.updated_at <= $5 AND NOT ($6 AND EXISTS (SELECT 1 FROM file_holds h
               WHERE h.tenant_id = $1 AND h.file_id = f.id AND h.released_at IS NULL))",
    );
    let before = tx.now() - Duration::days(days.into());
    Ok(query
        .bind::<SqlUuid, _>(tx.tenant().uuid())
        .bind::<SqlUuid, _>(bucket.uuid())
        .bind::<Text, _>(folder)
        .bind::<Text, _>(format!("{folder}{}", char::MAX))
        .bind::<Timestamptz, _>(before)
        .bind::<Bool, _>(spares_held)
        .get_result(tx.conn())?)
}

/// Files of a folder with more older versions than are to be kept, and the bytes of those beyond.
fn sums_of_versions(tx: &mut TenantTx<'_>, bucket: BucketId, folder: &str, kept: i32) -> Result<Sums, DbError> {
    let query = sql_query(
        "SELECT count(DISTINCT file_id) AS files, coalesce(sum(size_bytes), 0)::bigint AS bytes FROM (
             SELECT v.file_id, v.size_bytes,
                 row_number() OVER (PARTITION BY v.file_id ORDER BY v.replaced_at DESC, v.id DESC) AS place
             FROM file_versions v JOIN files f ON f.tenant_id = v.tenant_id AND f.id = v.file_id
             WHERE v.tenant_id = $1 AND f.bucket_id = $2 AND f.path >= $3 AND f.path < $4 AND f.deleted_at IS NULL
               AND v.purge_at > $5) older
         WHERE place > $6",
    );
    let now = tx.now();
    Ok(query
        .bind::<SqlUuid, _>(tx.tenant().uuid())
        .bind::<SqlUuid, _>(bucket.uuid())
        .bind::<Text, _>(folder)
        .bind::<Text, _>(format!("{folder}{}", char::MAX))
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::from(kept))
        .get_result(tx.conn())?)
}

/// Gives up the next uploads that wait longer than a rule says. True if there may be more.
pub(crate) fn end_uploads(
    tx: &mut TenantTx<'_>,
    (bucket, rule, except): (BucketId, &LifecycleRule, &[String]),
    limit: i64,
) -> Result<bool, DbError> {
    let LifecycleRule::AbortUploads { folder, days } = rule else { return Ok(false) };
    let by = tx.now() - Duration::days((*days).into());
    let ended = end_stale(tx, Stale { bucket, folder, except, by }, limit)?;
    if ended > 0 {
        tx.audit("bucket.lifecycle_run", bucket, json!({ "rule": rule, "uploads": ended }))?;
    }
    Ok(i64::try_from(ended).is_ok_and(|ended| ended == limit))
}

/// Runs a rule on the next files of a bucket; the last of them if there may be more.
pub(crate) fn run(
    tx: &mut TenantTx<'_>,
    (bucket, rule): (BucketId, &LifecycleRule),
    after: Option<FileId>,
    limit: i64,
) -> Result<Option<FileId>, FileError> {
    let batch = touched(tx, bucket, rule, after, limit)?;
    for file in &batch {
        let done = match rule {
            LifecycleRule::Trash { .. } => trash(tx, file, Keep::AsBucketSays),
            LifecycleRule::Expire { .. } => trash(tx, file, Keep::Not),
            LifecycleRule::AbortUploads { .. } => Ok(()),
            LifecycleRule::KeepVersions { versions, .. } => {
                drop_beyond(tx, file.id, (*versions).into()).map(drop).map_err(FileError::from)
            }
        };
        match done {
            // Changed since it was read: the rule may not be for it any more.
            Ok(()) | Err(FileError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    if !batch.is_empty() {
        tx.audit("bucket.lifecycle_run", bucket, json!({ "rule": rule, "files": batch.len() }))?;
        purge_by(tx, tx.now())?;
    }
    let full = i64::try_from(batch.len()).is_ok_and(|found| found == limit);
    Ok(batch.last().filter(|_| full).map(|file| file.id))
}

/// The next files that a rule touches.
fn touched(
    tx: &mut TenantTx<'_>,
    bucket: BucketId,
    rule: &LifecycleRule,
    after: Option<FileId>,
    limit: i64,
) -> Result<Vec<File>, DbError> {
    let mut rows = query!(tx)
        .filter(files::deleted_at.is_null())
        .filter(files::bucket_id.eq(bucket))
        .filter(files::path.ge(rule.folder()))
        .filter(files::path.lt(format!("{}{}", rule.folder(), char::MAX)))
        .order(files::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(files::id.gt(after));
    }
    match rule {
        LifecycleRule::Trash { days, .. } => {
            rows = rows.filter(files::updated_at.le(tx.now() - Duration::days((*days).into())));
        }
        LifecycleRule::Expire { days, .. } => {
            rows = rows.filter(files::updated_at.le(tx.now() - Duration::days((*days).into())));
            rows = rows.filter(not(held!(tx, files::id)));
        }
        // Uploads are no files yet.
        LifecycleRule::AbortUploads { .. } => return Ok(Vec::new()),
        LifecycleRule::KeepVersions { versions, .. } => {
            let older = "(SELECT count(*) FROM file_versions o WHERE o.tenant_id = files.tenant_id
                AND o.file_id = files.id AND o.purge_at > ";
            let older = sql::<Bool>(older).bind::<Timestamptz, _>(tx.now()).sql(") > ");
            rows = rows.filter(older.bind::<BigInt, _>(i64::from(*versions)));
        }
    }
    Ok(rows.load(tx.conn())?)
}
