//! `POST /v1/categories`

use super::{body::CheckedByDomain, problems};
use crate::{
    app::App,
    extract::{Allowed, Once, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use catalogue::{Category, CreateCategoryError, NewCategory};
use kernel::permission::CatalogueWrite;

impl From<CreateCategoryError> for Problem {
    fn from(error: CreateCategoryError) -> Self {
        match error {
            CreateCategoryError::Invalid(faults) => problems::invalid(faults),
            CreateCategoryError::Db(error) => error.into(),
        }
    }
}

/// Makes a category of the firm's own tree.
#[utoipa::path(operation_id = "create_category", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    request_body = NewCategory, responses((status = 201, body = Category)))]
#[post("/v1/categories")]
pub(super) async fn create_category(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: Once,
    body: ValidJson<CheckedByDomain<NewCategory>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(new) = body.into_inner();
    app.write("catalogue.create_category", &caller, (&once, StatusCode::CREATED), move |tx| {
        catalogue::create_category(tx, &new)
    })
    .await
}
