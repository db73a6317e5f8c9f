//! `GET /v1/usage`

use super::view::{Everything, UsageView};
use crate::{
    app::App,
    extract::{Allowed, Filters},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use billing::UsageQuery;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use db::DbError;
use kernel::permission::BillingRead;
use metering::Meter;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which use.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UsageFilters {
    /// First instant (RFC 3339), or a day in UTC; where the current period begins, if nothing is said.
    #[param(example = "2026-11-01T00:00:00Z")]
    from: Option<String>,
    /// First instant after the span, or a day in UTC; where the current period ends, if nothing is said.
    #[param(example = "2026-12-01T00:00:00Z")]
    to: Option<String>,
    /// Only this meter.
    meter: Option<Meter>,
}

impl TryFrom<UsageFilters> for UsageQuery {
    type Error = Problem;

    fn try_from(filters: UsageFilters) -> Result<Self, Problem> {
        let read = |name, text: Option<String>| text.map(|text| instant(name, &text)).transpose();
        let query = Self { from: read("/from", filters.from)?, to: read("/to", filters.to)?, meter: filters.meter };
        if let (Some(from), Some(to)) = (query.from, query.to)
            && from > to
        {
            return Err(invalid("/to", "must not lie before from", "不能早于 from"));
        }
        Ok(query)
    }
}

fn instant(name: &str, text: &str) -> Result<DateTime<Utc>, Problem> {
    let exact = DateTime::parse_from_rfc3339(text).map(|instant| instant.with_timezone(&Utc));
    let day = || text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    exact
        .or_else(|_| day())
        .map_err(|_| invalid(name, "must be an instant of RFC 3339 or a day", "应为 RFC 3339 时间或日期"))
}

fn invalid(name: &str, en: &str, zh: &str) -> Problem {
    edge::VALIDATION_FAILED.error(FieldError::new(name, "invalid", en, zh).in_query())
}

/// Shows how much was used of what is counted over time.
#[utoipa::path(operation_id = "get_usage", tag = "billing", security(("bearer" = ["billing:read"])),
    params(UsageFilters), responses((status = 200, body = Everything<UsageView>)))]
#[get("/v1/usage")]
pub(super) async fn get_usage(
    app: Data<App>,
    caller: Allowed<BillingRead>,
    filters: Filters<UsageFilters>,
) -> Result<HttpResponse, Problem> {
    let query = UsageQuery::try_from(filters.0)?;
    app.traffic.write_down(caller.scope().tenant()).await;
    app.read("billing.usage", &caller, move |tx| {
        let data = billing::usage(tx, &query)?.into_iter().map(UsageView::from).collect();
        Ok::<_, DbError>(Everything { data })
    })
    .await
}
