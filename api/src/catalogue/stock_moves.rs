//! `/v1/inventory/transfers`, `/v1/inventory/counts`, `/v1/inventory/movements`: stock between locations, stock taking, and what happened.

use super::{body::CheckedByDomain, view::InventoryView};
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery, RequiredKey, RequiredOnce, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, get, http::StatusCode, post, web::Data};
use catalogue::{
    locations::LocationId,
    stock::{self, MovementId, MovementKind, MovementRow, StockCount, StockTransfer},
};
use chrono::{DateTime, Utc};
use db::DbError;
use kernel::{
    ids::{OrderId, VariantId},
    pages::PageRequest,
    permission::{CatalogueRead, CatalogueWrite},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Moves units of a variant from one location to another. How many there are in all stays the same.
#[utoipa::path(operation_id = "transfer_stock", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(RequiredKey), request_body = StockTransfer, responses((status = 201, body = InventoryView)))]
#[post("/v1/inventory/transfers")]
pub(super) async fn transfer_stock(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: RequiredOnce,
    body: ValidJson<CheckedByDomain<StockTransfer>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(transfer) = body.into_inner();
    app.write("catalogue.transfer_stock", &caller, (&once, StatusCode::CREATED), move |tx| {
        stock::transfer_stock(tx, &transfer).map(InventoryView::from)
    })
    .await
}

/// What there is after a count.
#[derive(Debug, Serialize, ToSchema)]
struct CountedView {
    /// The variants that were counted, in the order of their ids.
    data: Vec<InventoryView>,
}

/// Takes what was counted at a location for what there is, all or none; each difference is a movement with the reason.
#[utoipa::path(operation_id = "count_stock", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(RequiredKey), request_body = StockCount, responses((status = 201, body = CountedView)))]
#[post("/v1/inventory/counts")]
pub(super) async fn count_stock(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: RequiredOnce,
    body: ValidJson<CheckedByDomain<StockCount>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(count) = body.into_inner();
    app.write("catalogue.count_stock", &caller, (&once, StatusCode::CREATED), move |tx| {
        let items = stock::count_stock(tx, &count)?;
        Ok::<_, stock::AdjustInventoryError>(CountedView { data: items.into_iter().map(InventoryView::from).collect() })
    })
    .await
}

/// A change of stock.
#[derive(Debug, Serialize, ToSchema)]
struct MovementView {
    /// Its id.
    id: MovementId,
    /// The variant.
    variant_id: VariantId,
    /// What it was.
    kind: MovementKind,
    /// Units that came or, if negative, went.
    delta: i64,
    /// Units in all afterwards.
    on_hand: i64,
    /// Where; null: at the default location.
    #[schema(required)]
    location_id: Option<LocationId>,
    /// Why, in words.
    #[schema(required)]
    reason: Option<String>,
    /// The order, if it was one.
    #[schema(required)]
    order_id: Option<OrderId>,
    /// When.
    at: DateTime<Utc>,
}

impl From<MovementRow> for MovementView {
    fn from(row: MovementRow) -> Self {
        let MovementRow { id, variant_id, delta, on_hand, kind, reason, order_id, location_id, at } = row;
        Self { id, variant_id, kind, delta, on_hand, location_id, reason, order_id, at }
    }
}

/// Which changes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MovementFilters {
    /// Only those of this variant.
    variant_id: Option<VariantId>,
}

/// Lists the changes of stock, newest first.
#[utoipa::path(operation_id = "list_stock_movements", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams, MovementFilters), responses((status = 200, body = List<MovementView>)))]
#[get("/v1/inventory/movements")]
pub(super) async fn list_stock_movements(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
    filters: Filters<MovementFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(MovementFilters { variant_id }) = filters;
    app.list("catalogue.movements", &caller, &page, move |tx, page: &PageRequest<MovementId>| {
        Ok::<_, DbError>(stock::movements(tx, variant_id, page)?.map(MovementView::from))
    })
    .await
}
