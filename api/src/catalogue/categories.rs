//! `/v1/categories`: the firm's own tree, with the attributes that its products have.

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
    categories::{self, Category, CategoryAttribute, CategoryAttributes, CategoryPatch, NewCategory},
};
use chrono::{DateTime, Utc};
use db::DbError;
use kernel::{
    ids::CategoryId,
    pages::PageRequest,
    permission::{CatalogueRead, CatalogueWrite},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A category.
#[derive(Debug, Serialize, ToSchema)]
struct CategoryView {
    /// Its id.
    id: CategoryId,
    /// The category it belongs to.
    #[schema(required)]
    parent_id: Option<CategoryId>,
    /// Ids from the root down to the category itself.
    path: Vec<CategoryId>,
    /// Its name.
    name: String,
    /// What its products are asked for, beside what the categories above ask.
    attributes: CategoryAttributes,
    /// Counts the changes; the `ETag`.
    version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// A category with what it has from those above.
#[derive(Debug, Serialize, ToSchema)]
struct CategoryDetail {
    #[serde(flatten)]
    category: CategoryView,
    /// What its products are asked for by the categories above it, from the root down.
    inherited_attributes: Vec<CategoryAttribute>,
}

impl Versioned for CategoryDetail {
    fn version(&self) -> i64 {
        self.category.version
    }
}

impl From<Category> for CategoryView {
    fn from(category: Category) -> Self {
        let Category { id, parent_id, name, created_at, path, attributes, version } = category;
        Self { id, parent_id, path, name, attributes, version, created_at }
    }
}

fn detail(tx: &mut db::TenantTx<'_>, category: Category) -> Result<CategoryDetail, EditError> {
    let inherited_attributes = categories::inherited(tx, &category)?;
    Ok(CategoryDetail { category: category.into(), inherited_attributes })
}

/// Makes a category of the firm's own tree.
#[utoipa::path(operation_id = "create_category", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = NewCategory, responses((status = 201, body = CategoryDetail)))]
#[post("/v1/categories")]
pub(super) async fn create_category(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    body: ValidJson<CheckedByDomain<NewCategory>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    app.write("catalogue.create_category", &caller, (&once, StatusCode::CREATED), move |tx| {
        let made = categories::create_category(tx, &new)?;
        detail(tx, made)
    })
    .await
}

/// Lists the firm's categories in the order they were made.
#[utoipa::path(operation_id = "list_categories", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(PageParams), responses((status = 200, body = List<CategoryView>)))]
#[get("/v1/categories")]
pub(super) async fn list_categories(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    app.list("catalogue.list_categories", &caller, &page, |tx, page: &PageRequest<CategoryId>| {
        Ok::<_, DbError>(categories::list_categories(tx, page)?.map(CategoryView::from))
    })
    .await
}

/// Shows a category with all that its products are asked for.
#[utoipa::path(operation_id = "get_category", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = CategoryId, Path)), responses((status = 200, body = CategoryDetail)))]
#[get("/v1/categories/{id}")]
pub(super) async fn get_category(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<CategoryId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("catalogue.find_category", &caller, move |tx| {
        let found = categories::find_category(tx, id)?.ok_or(EditError::NotFound)?;
        detail(tx, found)
    })
    .await
}

/// Changes a category, and moves it with all that lies in it. Products are held to it when they are written next.
#[utoipa::path(operation_id = "update_category", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = CategoryId, Path), IfMatchHeader), request_body = CategoryPatch,
    responses((status = 200, body = CategoryDetail)))]
#[patch("/v1/categories/{id}")]
pub(super) async fn update_category(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<CategoryId>,
    seen: IfMatch,
    body: ValidJson<CheckedByDomain<CategoryPatch>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let (id, seen) = (id.get(), seen.version());
    app.change("catalogue.update_category", &caller, move |tx| {
        let changed = categories::update_category(tx, id, (seen, &patch))?;
        detail(tx, changed)
    })
    .await
}

/// Deletes a category in which nothing lies, neither categories nor products.
#[utoipa::path(operation_id = "delete_category", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = CategoryId, Path)), responses((status = 204)))]
#[delete("/v1/categories/{id}")]
pub(super) async fn delete_category(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<CategoryId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.remove("catalogue.delete_category", &caller, move |tx| categories::delete_category(tx, id)).await
}
