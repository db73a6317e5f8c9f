//! `/v1/collections`: ordered lists of products.

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
    collections::{self, Collection, CollectionId, CollectionPatch, CollectionRow, NewCollection},
};
use chrono::{DateTime, Utc};
use db::DbError;
use kernel::{
    ids::ProductId,
    pages::PageRequest,
    permission::{CatalogueRead, CatalogueWrite},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A collection.
#[derive(Debug, Serialize, ToSchema)]
struct CollectionView {
    /// Its id.
    id: CollectionId,
    /// Its name.
    name: String,
    /// What it is about.
    description: String,
    /// Its products, in the order in which they are shown.
    products: Vec<ProductId>,
    /// Counts the changes; the `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl Versioned for CollectionView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Collection> for CollectionView {
    fn from(collection: Collection) -> Self {
        let Collection { row, products } = collection;
        let CollectionRow { id, name, description, version, created_at } = row;
        Self { id, name, description, products, version, created_at }
    }
}

/// Makes a collection: products in an order that the firm chooses.
#[utoipa::path(operation_id = "create_collection", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = NewCollection, responses((status = 201, body = CollectionView)))]
#[post("/v1/collections")]
pub(super) async fn create_collection(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    body: ValidJson<CheckedByDomain<NewCollection>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    app.write("catalogue.create_collection", &caller, (&once, StatusCode::CREATED), move |tx| {
        collections::create(tx, &new).map(CollectionView::from)
    })
    .await
}

/// Lists the collections in the order in which they were made.
#[utoipa::path(operation_id = "list_collections", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<CollectionView>)))]
#[get("/v1/collections")]
pub(super) async fn list_collections(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("catalogue.list_collections", &caller, &page, |tx, page: &PageRequest<CollectionId>| {
        Ok::<_, DbError>(collections::list(tx, page)?.map(CollectionView::from))
    })
    .await
}

/// Shows a collection.
#[utoipa::path(operation_id = "get_collection", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = CollectionId, Path)), responses((status = 200, body = CollectionView)))]
#[get("/v1/collections/{id}")]
pub(super) async fn get_collection(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<CollectionId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("catalogue.find_collection", &caller, move |tx| {
        collections::find(tx, id)?.map(CollectionView::from).ok_or(EditError::NotFound)
    })
    .await
}

/// Changes a collection; fields that are absent stay as they are.
#[utoipa::path(operation_id = "update_collection", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = CollectionId, Path), IfMatchHeader), request_body = CollectionPatch,
    responses((status = 200, body = CollectionView)))]
#[patch("/v1/collections/{id}")]
pub(super) async fn update_collection(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<CollectionId>,
    seen: IfMatch,
    body: ValidJson<CheckedByDomain<CollectionPatch>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let (id, seen) = (id.get(), seen.version());
    app.change("catalogue.update_collection", &caller, move |tx| {
        collections::update(tx, id, (seen, &patch)).map(CollectionView::from)
    })
    .await
}

/// Deletes a collection; its products stay.
#[utoipa::path(operation_id = "delete_collection", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = CollectionId, Path)), responses((status = 204)))]
#[delete("/v1/collections/{id}")]
pub(super) async fn delete_collection(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<CollectionId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.remove("catalogue.delete_collection", &caller, move |tx| collections::delete(tx, id)).await
}
