use crate::gauge;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{buckets, file_versions, files},
};
use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::BigInt,
};
use metering::{Limit, Meter};

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
