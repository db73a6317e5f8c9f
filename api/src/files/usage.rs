//! `GET /v1/storage/usage`

use crate::{
    app::App,
    extract::{Allowed, Filters},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use chrono::{DateTime, Days, NaiveDate, Utc};
use db::DbError;
use files::{BucketDay, BucketUsage, StorageUsage};
use kernel::permission::FilesRead;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Days told if nothing is said.
const USUAL_DAYS: u64 = 30;
/// The most days told at once.
const MAX_DAYS: i64 = 366;
const SECONDS_PER_HOUR: i128 = 3_600;

/// Which days.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsageFilters {
    /// First day, in UTC; 29 days before the last, if nothing is said.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-01")]
    from: Option<String>,
    /// Last day, in UTC; today, if nothing is said. At most 366 days are told at once.
    #[param(value_type = Option<String>, format = Date, example = "2026-11-30")]
    to: Option<String>,
}

impl UsageFilters {
    /// The first and the last day.
    fn days(&self, today: NaiveDate) -> Result<(NaiveDate, NaiveDate), Problem> {
        let read = |name, text: &Option<String>| text.as_deref().map(|text| day(name, text)).transpose();
        let last = read("/to", &self.to)?.unwrap_or(today);
        let usual = last.checked_sub_days(Days::new(USUAL_DAYS - 1)).unwrap_or(last);
        let first = read("/from", &self.from)?.unwrap_or(usual);
        if first > last {
            return Err(invalid("/to", "must not lie before from", "不能早于 from"));
        }
        if (last - first).num_days() >= MAX_DAYS {
            return Err(invalid("/to", "at most 366 days are told at once", "一次最多查询 366 天"));
        }
        Ok((first, last))
    }
}

fn day(name: &str, text: &str) -> Result<NaiveDate, Problem> {
    text.parse().map_err(|_| invalid(name, "must be a day, such as 2026-11-01", "应为日期，例如 2026-11-01"))
}

fn invalid(name: &str, en: &str, zh: &str) -> Problem {
    edge::VALIDATION_FAILED.error(FieldError::new(name, "invalid", en, zh).in_query())
}

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
    /// The days told below, all together.
    totals: TotalsView,
    /// Day by day in UTC, the buckets that held or moved something, also those that were deleted since.
    days: Vec<BucketDayView>,
}

/// What was used in some days.
#[derive(Debug, Serialize, ToSchema)]
struct TotalsView {
    /// First day.
    #[schema(value_type = String, format = Date)]
    from: NaiveDate,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    to: NaiveDate,
    /// Bytes stored times hours, rounded down once.
    byte_hours: i64,
    /// Bytes sent to readers.
    egress_bytes: i64,
    /// Files stored: uploads and copies.
    write_requests: i64,
    /// Reads answered with content, and addresses issued for reading.
    read_requests: i64,
}

/// What a bucket held and moved on a day.
#[derive(Debug, Serialize, ToSchema)]
struct BucketDayView {
    /// The day, in UTC.
    #[schema(value_type = String, format = Date)]
    day: NaiveDate,
    /// The bucket's name.
    bucket: String,
    /// Bytes of all versions of its files at the day's end, or now.
    bytes: i64,
    /// Bytes stored times hours, rounded down.
    byte_hours: i64,
    /// Bytes sent to readers.
    egress_bytes: i64,
    /// Files stored: uploads and copies.
    write_requests: i64,
    /// Reads answered with content, and addresses issued for reading.
    read_requests: i64,
}

impl TotalsView {
    fn new((from, to): (NaiveDate, NaiveDate), days: &[BucketDay]) -> Self {
        let sum = |of: fn(&BucketDay) -> i64| days.iter().map(of).fold(0_i64, i64::saturating_add);
        Self {
            from,
            to,
            byte_hours: hours(days.iter().map(|day| day.byte_seconds).sum()),
            egress_bytes: sum(|day| day.egress_bytes),
            write_requests: sum(|day| day.write_requests),
            read_requests: sum(|day| day.read_requests),
        }
    }
}

impl From<BucketDay> for BucketDayView {
    fn from(row: BucketDay) -> Self {
        let BucketDay { day, bucket, bytes, byte_seconds, write_requests, read_requests, egress_bytes } = row;
        let byte_hours = hours(byte_seconds);
        Self { day, bucket, bytes, byte_hours, egress_bytes, write_requests, read_requests }
    }
}

fn hours(byte_seconds: i128) -> i64 {
    i64::try_from(byte_seconds / SECONDS_PER_HOUR).unwrap_or(i64::MAX)
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

/// A period's first instant, and the first after it.
type Period = (DateTime<Utc>, DateTime<Utc>);

impl StorageUsageView {
    fn new(usage: StorageUsage, (period_start, period_end): Period, totals: TotalsView, days: Vec<BucketDay>) -> Self {
        let (maximum, used, reserved) = usage.limit.map_or((0, 0, 0), |l| (l.maximum, l.used, l.reserved));
        let bucket = |BucketUsage { name, bytes, versions }| BucketUsageView { name, bytes, versions };
        Self {
            buckets: usage.buckets.into_iter().map(bucket).collect(),
            quota: QuotaView { maximum, used, reserved },
            period_start,
            period_end,
            byte_hours: usage.byte_hours,
            egress_bytes: usage.egress_bytes,
            totals,
            days: days.into_iter().map(BucketDayView::from).collect(),
        }
    }
}

/// Shows what the firm stores, of how much, its use in the current period, and its use by day and bucket.
#[utoipa::path(operation_id = "get_storage_usage", tag = "files", security(("bearer" = ["files:read"])),
    params(UsageFilters), responses((status = 200, body = StorageUsageView)))]
#[get("/v1/storage/usage")]
pub(super) async fn get_storage_usage(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    filters: Filters<UsageFilters>,
) -> Result<HttpResponse, Problem> {
    let (first, last) = filters.0.days(app.db.clock().now().date_naive())?;
    app.traffic.write_down(caller.scope().tenant()).await;
    app.read("files.usage", &caller, move |tx| {
        let period = billing::current(tx)?.0.period();
        let usage = files::storage_usage(tx, period.start, period.end)?;
        let days = files::storage_days(tx, first, last)?;
        let totals = TotalsView::new((first, last), &days);
        Ok::<_, DbError>(StorageUsageView::new(usage, (period.start, period.end), totals, days))
    })
    .await
}
