//! `GET /v1/storage/usage`

use crate::{app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use db::DbError;
use files::{BucketUsage, StorageUsage};
use kernel::permission::FilesRead;
use serde::Serialize;
use utoipa::ToSchema;

/// What the firm stores and sends.
#[derive(Debug, Serialize, ToSchema)]
struct StorageUsageView {
    /// Buckets that hold something, by name.
    buckets: Vec<BucketUsageView>,
    /// The plan's limit and what is used of it.
    quota: QuotaView,
    /// Where the current period begins.
    period_start: DateTime<Utc>,
    /// Where it ends.
    period_end: DateTime<Utc>,
    /// Bytes stored times hours, in this period until now.
    byte_hours: i64,
    /// Bytes sent to readers, in this period until now.
    egress_bytes: i64,
}

/// What one bucket holds, trash and older versions included.
#[derive(Debug, Serialize, ToSchema)]
struct BucketUsageView {
    /// Its name.
    name: String,
    /// Bytes of all versions of its files.
    bytes: i64,
    /// Versions of its files.
    versions: i64,
}

/// How much may be stored, and how much is.
#[derive(Debug, Serialize, ToSchema)]
struct QuotaView {
    /// The most bytes that may be used and reserved together.
    maximum: i64,
    /// Bytes stored.
    used: i64,
    /// Bytes promised to uploads under way.
    reserved: i64,
}

impl StorageUsageView {
    fn new(usage: StorageUsage, (period_start, period_end): (DateTime<Utc>, DateTime<Utc>)) -> Self {
        let (maximum, used, reserved) = usage.limit.map_or((0, 0, 0), |l| (l.maximum, l.used, l.reserved));
        let bucket = |BucketUsage { name, bytes, versions }| BucketUsageView { name, bytes, versions };
        Self {
            buckets: usage.buckets.into_iter().map(bucket).collect(),
            quota: QuotaView { maximum, used, reserved },
            period_start,
            period_end,
            byte_hours: usage.byte_hours,
            egress_bytes: usage.egress_bytes,
        }
    }
}

/// Shows what the firm stores, of how much, and its use in the current period.
#[utoipa::path(operation_id = "get_storage_usage", tag = "files", security(("bearer" = ["files:read"])),
    responses((status = 200, body = StorageUsageView)))]
#[get("/v1/storage/usage")]
pub(super) async fn get_storage_usage(app: Data<App>, caller: Allowed<FilesRead>) -> Result<HttpResponse, Problem> {
    app.read("files.usage", &caller, |tx| {
        let period = billing::current(tx)?.0.period();
        let usage = files::storage_usage(tx, period.start, period.end)?;
        Ok::<_, DbError>(StorageUsageView::new(usage, (period.start, period.end)))
    })
    .await
}
