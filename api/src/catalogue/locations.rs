//! `/v1/locations`: where stock lies.

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
    locations::{self, Location, LocationId, LocationPatch, NewLocation},
};
use chrono::{DateTime, Utc};
use db::DbError;
use kernel::{
    pages::PageRequest,
    permission::{CatalogueRead, CatalogueWrite},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A place where stock lies.
#[derive(Debug, Serialize, ToSchema)]
struct LocationView {
    /// Its id.
    id: LocationId,
    /// Its name.
    name: String,
    /// Whether everything lies here that lies nowhere else: the first location of the firm.
    is_default: bool,
    /// Counts the changes; the `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl Versioned for LocationView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Location> for LocationView {
    fn from(location: Location) -> Self {
        let Location { id, name, is_default, version, created_at } = location;
        Self { id, name, is_default, version, created_at }
    }
}

/// Makes a location. The first one is the default: there lies what lies nowhere else.
#[utoipa::path(operation_id = "create_location", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = NewLocation, responses((status = 201, body = LocationView)))]
#[post("/v1/locations")]
pub(super) async fn create_location(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    body: ValidJson<CheckedByDomain<NewLocation>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    app.write("catalogue.create_location", &caller, (&once, StatusCode::CREATED), move |tx| {
        locations::create(tx, &new).map(LocationView::from)
    })
    .await
}

/// Lists the locations in the order in which they were made, the default first.
#[utoipa::path(operation_id = "list_locations", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<LocationView>)))]
#[get("/v1/locations")]
pub(super) async fn list_locations(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("catalogue.list_locations", &caller, &page, |tx, page: &PageRequest<LocationId>| {
        Ok::<_, DbError>(locations::list(tx, page)?.map(LocationView::from))
    })
    .await
}

/// Shows a location.
#[utoipa::path(operation_id = "get_location", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = LocationId, Path)), responses((status = 200, body = LocationView)))]
#[get("/v1/locations/{id}")]
pub(super) async fn get_location(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<LocationId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("catalogue.find_location", &caller, move |tx| {
        locations::find(tx, id)?.map(LocationView::from).ok_or(EditError::NotFound)
    })
    .await
}

/// Gives a location another name.
#[utoipa::path(operation_id = "update_location", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = LocationId, Path), IfMatchHeader), request_body = LocationPatch,
    responses((status = 200, body = LocationView)))]
#[patch("/v1/locations/{id}")]
pub(super) async fn update_location(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<LocationId>,
    seen: IfMatch,
    body: ValidJson<CheckedByDomain<LocationPatch>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let (id, seen) = (id.get(), seen.version());
    app.change("catalogue.update_location", &caller, move |tx| {
        locations::update(tx, id, (seen, &patch)).map(LocationView::from)
    })
    .await
}

/// Deletes a location. One where something lies stays, and the default goes last; the problem names what lies there.
#[utoipa::path(operation_id = "delete_location", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = LocationId, Path)), responses((status = 204)))]
#[delete("/v1/locations/{id}")]
pub(super) async fn delete_location(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<LocationId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.remove("catalogue.delete_location", &caller, move |tx| locations::delete(tx, id)).await
}
