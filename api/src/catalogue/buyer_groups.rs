//! `/v1/buyer-groups`: groups of buyers with whom prices are agreed.

use super::body::CheckedByDomain;
use crate::{
    answer::{List, Versioned},
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, Once, PageParams, PageQuery, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, delete, get, http::StatusCode, patch, post, web::Data};
use catalogue::{
    EditError,
    buyer_groups::{self, BuyerGroup, BuyerGroupId, BuyerGroupPatch, NewBuyerGroup},
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

/// A group of buyers.
#[derive(Debug, Serialize, ToSchema)]
struct BuyerGroupView {
    /// Its id.
    id: BuyerGroupId,
    /// Its name.
    name: String,
    /// The firms in it. That a firm is named does not say that it exists.
    buyers: Vec<TenantId>,
    /// Counts the changes; the `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl Versioned for BuyerGroupView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<BuyerGroup> for BuyerGroupView {
    fn from(group: BuyerGroup) -> Self {
        let BuyerGroup { row, buyers } = group;
        Self { id: row.id, name: row.name, buyers, version: row.version, created_at: row.created_at }
    }
}

/// Makes a group of buyers, with whom prices can be agreed.
#[utoipa::path(operation_id = "create_buyer_group", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = NewBuyerGroup, responses((status = 201, body = BuyerGroupView)))]
#[post("/v1/buyer-groups")]
pub(super) async fn create_buyer_group(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    body: ValidJson<CheckedByDomain<NewBuyerGroup>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    app.write("catalogue.create_buyer_group", &caller, (&once, StatusCode::CREATED), move |tx| {
        buyer_groups::create(tx, &new).map(BuyerGroupView::from)
    })
    .await
}

/// Lists the groups of buyers in the order in which they were made.
#[utoipa::path(operation_id = "list_buyer_groups", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<BuyerGroupView>)))]
#[get("/v1/buyer-groups")]
pub(super) async fn list_buyer_groups(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("catalogue.list_buyer_groups", &caller, &page, |tx, page: &PageRequest<BuyerGroupId>| {
        Ok::<_, DbError>(buyer_groups::list(tx, page)?.map(BuyerGroupView::from))
    })
    .await
}

/// Shows a group of buyers.
#[utoipa::path(operation_id = "get_buyer_group", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = BuyerGroupId, Path)), responses((status = 200, body = BuyerGroupView)))]
#[get("/v1/buyer-groups/{id}")]
pub(super) async fn get_buyer_group(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<BuyerGroupId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("catalogue.find_buyer_group", &caller, move |tx| {
        buyer_groups::find(tx, id)?.map(BuyerGroupView::from).ok_or(EditError::NotFound)
    })
    .await
}

/// Changes a group of buyers; prices agreed with it hold for whom it names from the next order on.
#[utoipa::path(operation_id = "update_buyer_group", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = BuyerGroupId, Path), IfMatchHeader), request_body = BuyerGroupPatch,
    responses((status = 200, body = BuyerGroupView)))]
#[patch("/v1/buyer-groups/{id}")]
pub(super) async fn update_buyer_group(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<BuyerGroupId>,
    seen: IfMatch,
    body: ValidJson<CheckedByDomain<BuyerGroupPatch>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let (id, seen) = (id.get(), seen.version());
    app.change("catalogue.update_buyer_group", &caller, move |tx| {
        buyer_groups::update(tx, id, (seen, &patch)).map(BuyerGroupView::from)
    })
    .await
}

/// Deletes a group of buyers. One with which a price list is agreed stays; the problem names the list.
#[utoipa::path(operation_id = "delete_buyer_group", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = BuyerGroupId, Path)), responses((status = 204)))]
#[delete("/v1/buyer-groups/{id}")]
pub(super) async fn delete_buyer_group(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<BuyerGroupId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.remove("catalogue.delete_buyer_group", &caller, move |tx| buyer_groups::delete(tx, id)).await
}
