//! `GET /v1/events`

use super::view::EventView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use jobs::EventRow;
use kernel::{pages::PageRequest, permission::NotificationsRead};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which events.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventFilters {
    /// Only events after this place in the log.
    #[param(minimum = 0)]
    after_seq: Option<u32>,
    /// Only these types, separated by commas.
    #[param(example = "order.placed,order.paid")]
    types: Option<String>,
}

/// Lists the firm's events, oldest first.
///
/// The places (`seq`) have no gaps, so a program that remembers the last one it has seen misses nothing.
#[utoipa::path(operation_id = "list_events", tag = "events", security(("bearer" = ["notifications:read"])),
    params(PageParams, EventFilters), responses((status = 200, body = List<EventView>)))]
#[get("/v1/events")]
pub(super) async fn list_events(
    app: Data<App>,
    caller: Allowed<NotificationsRead>,
    page: PageQuery,
    filters: Filters<EventFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(EventFilters { after_seq, types }) = filters;
    let types: Vec<String> = types.iter().flat_map(|types| types.split(',')).map(str::to_owned).collect();
    app.list("events.list", &caller, &page, move |tx, page: &PageRequest<i64>| {
        let after = page.after.or_else(|| after_seq.map(i64::from));
        let rows = EventRow::list(tx, &types, &PageRequest { limit: page.limit, after })?;
        Ok::<_, DbError>(rows.map(EventView::from))
    })
    .await
}
