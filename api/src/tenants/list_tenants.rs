//! `GET /v1/tenants`

use crate::{
    answer::{self, List},
    app::App,
    auth::view::MembershipView,
    extract::SignedIn,
    problem::Problem,
};
use actix_web::{HttpResponse, get, http::StatusCode, web::Data};
use auth::list_firms;

/// Lists the signed-in person's firms with their role in each, the one used last first.
#[utoipa::path(operation_id = "list_tenants", tag = "tenants", security(("person" = [])),
    responses((status = 200, body = List<MembershipView>)))]
#[get("/v1/tenants")]
pub(super) async fn list_tenants(app: Data<App>, caller: SignedIn) -> Result<HttpResponse, Problem> {
    let (user, actor) = (caller.principal().who.user_id, caller.principal().actor());
    let firms = app.db.auth("tenants.list_own", actor, move |tx| list_firms(tx, user)).await?;
    let data = firms.iter().map(|(firm, role)| MembershipView { tenant: firm.into(), role: *role }).collect();
    Ok(answer::json(StatusCode::OK, &List { data, has_more: false, next_cursor: None }))
}
