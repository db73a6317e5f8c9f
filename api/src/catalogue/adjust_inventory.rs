//! `POST /v1/inventory/adjustments`

use super::{body::CheckedByDomain, problems, view::InventoryView};
use crate::{
    app::App,
    extract::{Allowed, RequiredKey, RequiredOnce, ValidJson},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use catalogue::stock::{self, AdjustInventoryError, Adjustment};
use kernel::permission::CatalogueWrite;

impl From<AdjustInventoryError> for Problem {
    fn from(error: AdjustInventoryError) -> Self {
        match error {
            AdjustInventoryError::NotFound => edge::VALIDATION_FAILED.error(FieldError::new(
                "/variant_id",
                "unknown",
                "there is no such variant in your firm",
                "在您的企业中不存在该规格",
            )),
            AdjustInventoryError::Invalid(faults) => problems::invalid(faults),
            AdjustInventoryError::Insufficient { variant_id, on_hand, reserved } => problems::INSUFFICIENT_STOCK
                .with("variant_id", variant_id)
                .with("on_hand", on_hand)
                .with("reserved", reserved),
            AdjustInventoryError::Db(error) => error.into(),
        }
    }
}

/// Changes a variant's stock by a number of units, with the reason. It never falls below what is promised to orders.
#[utoipa::path(operation_id = "adjust_inventory", tag = "catalogue", security(("bearer" = ["catalogue:write"])),
    params(RequiredKey), request_body = Adjustment, responses((status = 201, body = InventoryView)))]
#[post("/v1/inventory/adjustments")]
pub(super) async fn adjust_inventory(
    app: Data<App>,
    caller: Allowed<CatalogueWrite>,
    once: RequiredOnce,
    body: ValidJson<CheckedByDomain<Adjustment>>,
) -> Result<HttpResponse, Problem> {
    let CheckedByDomain(adjustment) = body.into_inner();
    app.write("catalogue.adjust_inventory", &caller, (&once, StatusCode::CREATED), move |tx| {
        stock::adjust_inventory(tx, &adjustment).map(InventoryView::from)
    })
    .await
}
