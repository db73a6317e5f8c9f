//! Rules of a bucket that run every day.

use crate::{
    Bucket, FileError,
    bucket::{find_bucket, lock_bucket},
    delete::trash,
    file::{File, query},
    gauge,
    hold::held,
    purge::{erase_live, purge_by},
    version::drop_beyond,
};
use audit::Audited;
use chrono::Duration;
use db::{
    DbError, TenantTx,
    schema::{blobs, buckets, file_holds, file_versions, files},
};
use diesel::{
    dsl::{count_star, not},
    prelude::*,
};
use kernel::ids::{BucketId, FileId};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Paths that a preview tells for each rule.
const SAMPLE: usize = 10;

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
}

impl LifecycleRule {
    fn folder(&self) -> &str {
        match self {
            Self::Trash { folder, .. } | Self::Expire { folder, .. } | Self::KeepVersions { folder, .. } => folder,
        }
    }
}

/// What a rule would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecyclePreview {
    /// The rule.
    pub rule: LifecycleRule,
    /// Files it would touch.
    pub files: i64,
    /// Bytes that would go to the trash or come free.
    pub bytes: i64,
    /// Paths of the first files.
    pub paths: Vec<String>,
}

/// Why rules are not set or tried.
#[derive(Debug, thiserror::Error)]
pub enum LifecycleError {
    /// No such bucket.
    #[error("no such bucket")]
    NotFound,
    /// The caller saw an older state than the stored one.
    #[error("changed since it was read")]
    Stale {
        /// The stored revision.
        current: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Gives a bucket new rules in place of those it has. They run for the first time soon, then every day.
pub fn set_lifecycle(
    tx: &mut TenantTx<'_>,
    name: &str,
    rules: &[LifecycleRule],
    seen: Option<i64>,
) -> Result<Bucket, LifecycleError> {
    let bucket = lock_bucket(tx, name)?.ok_or(LifecycleError::NotFound)?;
    if seen.is_some_and(|seen| seen != bucket.revision) {
        return Err(LifecycleError::Stale { current: bucket.revision });
    }
    if bucket.lifecycle() == rules {
        return Ok(bucket);
    }
    let stored = serde_json::to_value(rules).map_err(|error| DbError::Corrupt(error.to_string()))?;
    diesel::update(buckets::table.filter(buckets::tenant_id.eq(tx.tenant())).filter(buckets::id.eq(bucket.id)))
        .set((buckets::lifecycle.eq(stored), buckets::revision.eq(buckets::revision + 1)))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    gauge::set_next_lifecycle(tx, Some(tx.now()))?;
    tx.audit("bucket.lifecycle_set", bucket.id, json!({ "rules": rules.len() }))?;
    find_bucket(tx, name)?.ok_or(LifecycleError::NotFound)
}

/// Tells what rules would do if they ran now. Changes nothing.
pub fn preview_lifecycle(
    tx: &mut TenantTx<'_>,
    name: &str,
    rules: &[LifecycleRule],
) -> Result<Vec<LifecyclePreview>, LifecycleError> {
    let bucket = find_bucket(tx, name)?.ok_or(LifecycleError::NotFound)?.id;
    rules.iter().map(|rule| Ok(preview(tx, bucket, rule)?)).collect()
}

fn preview(tx: &mut TenantTx<'_>, bucket: BucketId, rule: &LifecycleRule) -> Result<LifecyclePreview, DbError> {
    let (mut counted, mut bytes, mut paths) = (0, 0, Vec::new());
    let mut after = None;
    loop {
        let batch = touched(tx, bucket, rule, after, 1_000)?;
        for (file, size) in &batch {
            counted += 1;
            bytes += size;
            if paths.len() < SAMPLE {
                paths.push(file.path.clone());
            }
        }
        after = batch.last().map(|(file, _)| file.id);
        if batch.len() < 1_000 {
            return Ok(LifecyclePreview { rule: rule.clone(), files: counted, bytes, paths });
        }
    }
}

/// Runs a rule on the next files of a bucket; the last of them if there may be more.
pub(crate) fn run(
    tx: &mut TenantTx<'_>,
    (bucket, rule): (BucketId, &LifecycleRule),
    after: Option<FileId>,
    limit: i64,
) -> Result<Option<FileId>, FileError> {
    let batch = touched(tx, bucket, rule, after, limit)?;
    for (file, _) in &batch {
        match rule {
            LifecycleRule::Trash { .. } => trash(tx, file)?,
            LifecycleRule::Expire { .. } => erase_live(tx, file)?,
            LifecycleRule::KeepVersions { versions, .. } => {
                drop_beyond(tx, file.id, (*versions).into())?;
            }
        }
    }
    if !batch.is_empty() {
        tx.audit("bucket.lifecycle_run", bucket, json!({ "rule": rule, "files": batch.len() }))?;
        purge_by(tx, tx.now())?;
    }
    let full = i64::try_from(batch.len()).is_ok_and(|found| found == limit);
    Ok(batch.last().filter(|_| full).map(|(file, _)| file.id))
}

/// The next files that a rule touches, with the bytes it frees or moves to the trash.
fn touched(
    tx: &mut TenantTx<'_>,
    bucket: BucketId,
    rule: &LifecycleRule,
    after: Option<FileId>,
    limit: i64,
) -> Result<Vec<(File, i64)>, DbError> {
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
        LifecycleRule::Trash { days, .. } | LifecycleRule::Expire { days, .. } => {
            rows = rows.filter(files::updated_at.le(tx.now() - Duration::days((*days).into())));
            if matches!(rule, LifecycleRule::Expire { .. }) {
                rows = rows.filter(not(held!(tx, files::id)));
            }
            let found: Vec<File> = rows.load(tx.conn())?;
            Ok(found.into_iter().map(sized).collect())
        }
        LifecycleRule::KeepVersions { versions, .. } => {
            let crowded = crowded(tx, bucket, (*versions).into(), (after, limit))?;
            let found: Vec<File> = rows.filter(files::id.eq_any(&crowded)).load(tx.conn())?;
            let mut sized = Vec::with_capacity(found.len());
            for file in found {
                let bytes = excess(tx, file.id, (*versions).into())?;
                sized.push((file, bytes));
            }
            Ok(sized)
        }
    }
}

fn sized(file: File) -> (File, i64) {
    let size = file.size_bytes;
    (file, size)
}

/// The next files of a bucket with more older versions than are to be kept.
fn crowded(
    tx: &mut TenantTx<'_>,
    bucket: BucketId,
    kept: i64,
    (after, limit): (Option<FileId>, i64),
) -> Result<Vec<FileId>, DbError> {
    let now = tx.now();
    let mut rows = file_versions::table
        .inner_join(
            files::table.on(files::tenant_id.eq(file_versions::tenant_id).and(files::id.eq(file_versions::file_id))),
        )
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(files::tenant_id.eq(tx.tenant()))
        .filter(files::bucket_id.eq(bucket))
        .filter(files::deleted_at.is_null())
        .filter(file_versions::purge_at.gt(now))
        .group_by(file_versions::file_id)
        .having(count_star().gt(kept))
        .select(file_versions::file_id)
        .order(file_versions::file_id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(file_versions::file_id.gt(after));
    }
    Ok(rows.load(tx.conn())?)
}

/// Bytes of the older versions beyond those that are kept.
fn excess(tx: &mut TenantTx<'_>, file: FileId, kept: i64) -> Result<i64, DbError> {
    let now = tx.now();
    let sizes: Vec<i64> = file_versions::table
        .filter(file_versions::tenant_id.eq(tx.tenant()))
        .filter(file_versions::file_id.eq(file))
        .filter(file_versions::purge_at.gt(now))
        .order((file_versions::replaced_at.desc(), file_versions::id.desc()))
        .offset(kept)
        .select(file_versions::size_bytes)
        .load(tx.conn())?;
    Ok(sizes.iter().sum())
}
