//! `GET /v1/product-imports/{id}/rows`

use super::view::ImportRowView;
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, PageParams, PageQuery, PathId},
    problem::{Language, Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, get, http::header::ACCEPT_LANGUAGE, web::Data};
use imports::RowOutcome;
use kernel::{ids::ProductImportId, pages::PageRequest, permission::CatalogueRead};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RowFilters {
    /// Rows of this outcome only.
    #[param(inline)]
    outcome: Option<RowOutcome>,
}

/// Lists what came of each row of an import, or would come, in the order of the sheet.
#[utoipa::path(operation_id = "list_product_import_rows", tag = "catalogue", security(("bearer" = ["catalogue:read"])),
    params(("id" = ProductImportId, Path), PageParams, RowFilters),
    responses((status = 200, body = List<ImportRowView>)))]
#[get("/v1/product-imports/{id}/rows")]
pub(super) async fn list_product_import_rows(
    app: Data<App>,
    caller: Allowed<CatalogueRead>,
    id: PathId<ProductImportId>,
    (page, filters): (PageQuery, Filters<RowFilters>),
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, outcome, header) = (id.get(), filters.0.outcome, request.headers().get(ACCEPT_LANGUAGE));
    let language = header.and_then(|header| header.to_str().ok()).map_or_else(Language::default, Language::accepted);
    app.list("imports.rows", &caller, &page, move |tx, page: &PageRequest<i64>| {
        imports::find_import(tx, id)?.ok_or_else(|| Problem::from(edge::NOT_FOUND))?;
        let rows = imports::list_rows(tx, (id, outcome), page)?;
        Ok::<_, Problem>(rows.map(|row| ImportRowView::new(&row, language)))
    })
    .await
}
