use crate::{days::Level, gauge};
use chrono::{DateTime, NaiveDate, Utc};
use db::{
    DbError, TenantTx,
    schema::{bucket_storage_days, bucket_traffic_days, buckets, file_versions, files},
};
use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::BigInt,
};
use metering::{Limit, Meter};
use std::collections::BTreeMap;

/// What one bucket holds, trash and older versions included.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct BucketUsage {
    /// Its name.
    pub name: String,
    /// Bytes of all versions of its files.
    pub bytes: i64,
    /// Versions of its files.
    pub versions: i64,
}

/// What a firm stores and sends.
#[derive(Debug, Clone)]
pub struct StorageUsage {
    /// Buckets that hold something, by name.
    pub buckets: Vec<BucketUsage>,
    /// The limit of bytes stored, if the firm has one.
    pub limit: Option<Limit>,
    /// Bytes stored times hours, in the span asked for.
    pub byte_hours: i64,
    /// Bytes sent to readers, in the span asked for.
    pub egress_bytes: i64,
}

/// What the firm stores now, and its use from `from` until now, which lies before `to`.
pub fn storage_usage(tx: &mut TenantTx<'_>, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<StorageUsage, DbError> {
    let counted = metering::usage(tx, Meter::StorageByteHours, from, to)?;
    Ok(StorageUsage {
        buckets: by_bucket(tx)?,
        limit: metering::limits(tx)?.into_iter().find(|limit| limit.meter == Meter::StorageBytes),
        byte_hours: counted.saturating_add(gauge::uncounted(tx)?),
        egress_bytes: metering::usage(tx, Meter::EgressBytes, from, to)?,
    })
}

fn by_bucket(tx: &mut TenantTx<'_>) -> Result<Vec<BucketUsage>, DbError> {
    Ok(buckets::table
        .inner_join(files::table.on(files::tenant_id.eq(buckets::tenant_id).and(files::bucket_id.eq(buckets::id))))
        .inner_join(
            file_versions::table
                .on(file_versions::tenant_id.eq(files::tenant_id).and(file_versions::file_id.eq(files::id))),
        )
        .filter(buckets::tenant_id.eq(tx.tenant()))
        .group_by(buckets::name)
        .order(buckets::name)
        .select((buckets::name, sql::<BigInt>("sum(file_versions.size_bytes)::bigint"), count_star()))
        .load(tx.conn())?)
}

/// What a bucket held and moved on a day in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketDay {
    /// The day.
    pub day: NaiveDate,
    /// The bucket's name. Days of a bucket that was deleted stay.
    pub bucket: String,
    /// Bytes that it held at the day's end, or now.
    pub bytes: i64,
    /// Bytes times the seconds that they were held.
    pub byte_seconds: i128,
    /// Files stored: uploads and copies.
    pub write_requests: i64,
    /// Reads answered with content, and addresses issued for reading.
    pub read_requests: i64,
    /// Bytes sent to readers.
    pub egress_bytes: i64,
}

type Days = BTreeMap<(NaiveDate, String), BucketDay>;

/// The days from `first` to `last`, both included, as far as they have come, of all buckets that held or moved something.
pub fn storage_days(tx: &mut TenantTx<'_>, first: NaiveDate, last: NaiveDate) -> Result<Vec<BucketDay>, DbError> {
    let now = tx.now();
    let mut days = Days::new();
    for (bucket, levels) in levels(tx, first, last)? {
        let span = first.iter_days().take_while(|day| *day <= last.min(now.date_naive()));
        for day in span {
            let Some(level) = levels.iter().rev().find(|level| level.day <= day) else { continue };
            let (byte_seconds, changed) = (level.on(day, now), level.day == day);
            let write_requests = if changed { level.write_requests } else { 0 };
            if byte_seconds > 0 || level.bytes > 0 || write_requests > 0 {
                let row = BucketDay { bytes: level.bytes, byte_seconds, write_requests, ..nothing(day, &bucket) };
                days.insert((day, bucket.clone()), row);
            }
        }
    }
    for (bucket, day, reads, bytes) in traffic(tx, first, last)? {
        let row = days.entry((day, bucket.clone())).or_insert_with(|| nothing(day, &bucket));
        (row.read_requests, row.egress_bytes) = (reads, bytes);
    }
    Ok(days.into_values().collect())
}

fn nothing(day: NaiveDate, bucket: &str) -> BucketDay {
    let bucket = bucket.to_owned();
    BucketDay { day, bucket, bytes: 0, byte_seconds: 0, write_requests: 0, read_requests: 0, egress_bytes: 0 }
}

/// The rows of each bucket in order of days, with the last one before the first day.
fn levels(tx: &mut TenantTx<'_>, first: NaiveDate, last: NaiveDate) -> Result<BTreeMap<String, Vec<Level>>, DbError> {
    let before: Vec<(String, Level)> = bucket_storage_days::table
        .filter(bucket_storage_days::tenant_id.eq(tx.tenant()))
        .filter(bucket_storage_days::day.lt(first))
        .distinct_on(bucket_storage_days::bucket)
        .order((bucket_storage_days::bucket, bucket_storage_days::day.desc()))
        .select((bucket_storage_days::bucket, Level::as_select()))
        .load(tx.conn())?;
    let within: Vec<(String, Level)> = bucket_storage_days::table
        .filter(bucket_storage_days::tenant_id.eq(tx.tenant()))
        .filter(bucket_storage_days::day.between(first, last))
        .order((bucket_storage_days::bucket, bucket_storage_days::day))
        .select((bucket_storage_days::bucket, Level::as_select()))
        .load(tx.conn())?;
    let mut levels = BTreeMap::<String, Vec<Level>>::new();
    for (bucket, level) in before.into_iter().chain(within) {
        levels.entry(bucket).or_default().push(level);
    }
    Ok(levels)
}

fn traffic(
    tx: &mut TenantTx<'_>,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<(String, NaiveDate, i64, i64)>, DbError> {
    use bucket_traffic_days as days;
    Ok(days::table
        .filter(days::tenant_id.eq(tx.tenant()))
        .filter(days::day.between(first, last))
        .select((days::bucket, days::day, days::read_requests, days::egress_bytes))
        .load(tx.conn())?)
}
