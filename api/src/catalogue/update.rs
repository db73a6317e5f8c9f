//! `PATCH /v1/products/{id}`

use super::{
    body::{CheckedByDomain, PRODUCT_LIMIT},
    view::ProductView,
};
use crate::{
    app::App,
    extract::{Allowed, Filters, IfMatch, IfMatchHeader, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, patch, web::Data};
use catalogue::{ProductPatch, UpdateProduct};
use kernel::{ids::ProductId, permission::CatalogueWrite};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// When a change of a published product is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ChangeAs {
    /// When the product is published again.
    Change,
}

/// How.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UpdateQuery {
    /// `change`: buyers of a published product go on seeing it as it is until it is published again. If absent, it changes at once.
    #[param(inline)]
    r#as: Option<ChangeAs>,
}

/// Changes a product; fields that are absent stay as they are. A published product changes in the market at once, unless `as=change`.
#[utoipa::path(operation_id = "update_product", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(("id" = ProductId, Path), UpdateQuery, IfMatchHeader), request_body = ProductPatch, responses((status = 200, body = ProductView)))]
#[patch("/v1/products/{id}")]
pub(super) async fn update_product(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    id: PathId<ProductId>,
    (seen, query): (IfMatch, Filters<UpdateQuery>),
    body: ValidJson<CheckedByDomain<ProductPatch>, PRODUCT_LIMIT>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(patch) = body.into_inner();
    let command = UpdateProduct { id: id.get(), seen: seen.version(), patch };
    let later = query.0.r#as == Some(ChangeAs::Change);
    app.change("catalogue.update", &caller, move |tx| {
        let changed = if later { catalogue::write_change(tx, &command) } else { catalogue::update(tx, &command) };
        changed.map(ProductView::from)
    })
    .await
}
