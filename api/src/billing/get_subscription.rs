//! `GET /v1/subscription`

use super::view::{PlanView, SubscriptionView};
use crate::{app::App, edge::RequestContext, extract::Allowed, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use db::DbError;
use kernel::permission::BillingRead;

/// Shows the firm's subscription and its plan.
#[utoipa::path(operation_id = "get_subscription", tag = "billing", security(("bearer" = ["billing:read"])),
    responses((status = 200, body = SubscriptionView)))]
#[get("/v1/subscription")]
pub(super) async fn get_subscription(
    app: Data<App>,
    caller: Allowed<BillingRead>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let language = RequestContext::of(&request).language;
    app.read("billing.overview", &caller, move |tx| {
        let (subscription, plan, meters) = billing::overview(tx)?;
        Ok::<_, DbError>(SubscriptionView::new(subscription, PlanView::new(plan, &meters, language)))
    })
    .await
}
