//! `/v1/price-lists`: prices agreed with a buyer or a group, for a time.

use super::body::{CheckedByDomain, PRODUCT_LIMIT};
use crate::{
    answer::{List, Versioned},
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, Once, PageParams, PageQuery, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, delete, get, http::StatusCode, patch, post, web::Data};
use catalogue::{
    EditError,
    buyer_groups::BuyerGroupId,
    price_lists::{self, AgreedPrice, NewPriceList, PriceList, PriceListId, PriceListPatch, PriceListRow},
};
use chrono::{DateTime, Utc};
use db::DbError;
use kernel::{
    ids::TenantId,
    pages::PageRequest,
    permission::{CatalogueRead, CatalogueWrite},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A price list without its prices.
#[derive(Debug, Serialize, ToSchema)]
struct PriceListSummary {
    /// Its id.
    id: PriceListId,
    /// Its name.
    name: String,
    /// The firm with which it is agreed, if it is one.
    #[schema(required)]
    buyer_id: Option<TenantId>,
    /// The group with which it is agreed, if it is one.
    #[schema(required)]
    group_id: Option<BuyerGroupId>,
    /// From when on it holds; null: since ever.
    #[schema(required)]
    valid_from: Option<DateTime<Utc>>,
    /// Until when it holds, that instant excluded; null: without end.
    #[schema(required)]
    valid_until: Option<DateTime<Utc>>,
    /// Counts the changes; the `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// A price list.
#[derive(Debug, Serialize, ToSchema)]
struct PriceListView {
    #[serde(flatten)]
    summary: PriceListSummary,
    /// Its prices, in the order of the variants' ids.
    prices: Vec<AgreedPrice>,
}

impl Versioned for PriceListView {
    fn version(&self) -> i64 {
        self.summary.version
    }
}

impl From<PriceListRow> for PriceListSummary {
    fn from(row: PriceListRow) -> Self {
        let PriceListRow { id, name, buyer_id, group_id, valid_from, valid_until, version, created_at } = row;
        Self { id, name, buyer_id, group_id, valid_from, valid_until, version, created_at }
    }
}

impl From<PriceList> for PriceListView {
    fn from(list: PriceList) -> Self {
        Self { summary: list.row.into(), prices: list.prices }
    }
}

/// Makes a price list. What is agreed with a buyer goes before what is agreed with a group, and both before a variant's own price.
#[utoipa::path(operation_id = "create_price_list", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = NewPriceList, responses((status = 201, body = PriceListView)))]
#[post("/v1/price-lists")]
pub(super) async fn create_price_list(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    body: ValidJson<CheckedByDomain<NewPriceList>, PRODUCT_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    app.write("catalogue.create_price_list", &caller, (&once, StatusCode::CREATED), move |tx| {
        price_lists::create(tx, &new).map(PriceListView::from)
    })
    .await
}

/// Lists the price lists, without their prices, in the order in which they were made.
#[utoipa::path(operation_id = "list_price_lists", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<PriceListSummary>)))]
#[get("/v1/price-lists")]
pub(super) async fn list_price_lists(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("catalogue.list_price_lists", &caller, &page, |tx, page: &PageRequest<PriceListId>| {
        Ok::<_, DbError>(price_lists::list(tx, page)?.map(PriceListSummary::from))
    })
    .await
}

/// Shows a price list with its prices.
#[utoipa::path(operation_id = "get_price_list", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = PriceListId, Path)), responses((status = 200, body = PriceListView)))]
#[get("/v1/price-lists/{id}")]
pub(super) async fn get_price_list(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<PriceListId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("catalogue.find_price_list", &caller, move |tx| {
        price_lists::find(tx, id)?.map(PriceListView::from).ok_or(EditError::NotFound)
    })
    .await
}

/// Changes a price list, from the next order on.
#[utoipa::path(operation_id = "update_price_list", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = PriceListId, Path), IfMatchHeader), request_body = PriceListPatch,
    responses((status = 200, body = PriceListView)))]
#[patch("/v1/price-lists/{id}")]
pub(super) async fn update_price_list(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<PriceListId>,
    seen: IfMatch,
    body: ValidJson<CheckedByDomain<PriceListPatch>, PRODUCT_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let (id, seen) = (id.get(), seen.version());
    app.change("catalogue.update_price_list", &caller, move |tx| {
        price_lists::update(tx, id, (seen, &patch)).map(PriceListView::from)
    })
    .await
}

/// Deletes a price list. Orders keep the prices that they were placed with.
#[utoipa::path(operation_id = "delete_price_list", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = PriceListId, Path)), responses((status = 204)))]
#[delete("/v1/price-lists/{id}")]
pub(super) async fn delete_price_list(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<PriceListId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.remove("catalogue.delete_price_list", &caller, move |tx| price_lists::delete(tx, id)).await
}
