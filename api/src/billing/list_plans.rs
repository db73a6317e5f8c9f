//! `GET /v1/plans`

use super::view::{Everything, PlanView};
use crate::{app::App, edge::RequestContext, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use db::DbError;

/// Lists the plans that can be chosen, cheapest first.
#[utoipa::path(operation_id = "list_plans", tag = "billing", responses((status = 200, body = Everything<PlanView>)))]
#[get("/v1/plans")]
pub(super) async fn list_plans(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let language = RequestContext::of(&request).language;
    app.public("billing.list_plans", move |tx| {
        let plans = billing::on_sale(tx.conn())?.into_iter();
        let data = plans.map(|(plan, meters)| PlanView::new(plan, &meters, language)).collect();
        Ok::<_, DbError>(Everything { data })
    })
    .await
}
