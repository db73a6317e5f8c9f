//! `POST /v1/tenant/close`

use super::{problems, view::TenantView};
use crate::{app::App, extract::SteppedUpFor, problem::Problem};
use actix_web::{HttpResponse, post, web::Data};
use kernel::permission::TenantsAdmin;
use ledger::Unsettled;
use onboarding::CloseFirmError;
use serde_json::{Value, json};
use tenants::CloseError;

impl From<CloseFirmError> for Problem {
    fn from(error: CloseFirmError) -> Self {
        match error {
            CloseFirmError::OpenTrade(trade) => {
                problems::TENANT_IN_TRADE.with("orders", trade.orders).with("purchases", trade.purchases)
            }
            CloseFirmError::Unsettled(found) => {
                problems::TENANT_NOT_SETTLED.with("balances", found.iter().map(balance).collect::<Vec<_>>())
            }
            CloseFirmError::Close(CloseError::NotOwner) => problems::OWNER_ONLY.into(),
            CloseFirmError::Close(CloseError::Db(error)) | CloseFirmError::Db(error) => error.into(),
        }
    }
}

fn balance(found: &Unsettled) -> Value {
    json!({ "kind": found.kind, "currency": found.currency, "amount_minor": found.amount_minor })
}

/// Closes the firm for good: its offers leave the market, nobody signs in to it any more, its slug stays taken. Refused while
/// orders are under way or money is held. The running month is the last one billed.
#[utoipa::path(operation_id = "close_tenant", tag = "tenants", security(("person" = ["tenants:admin"])),
    responses((status = 200, body = TenantView)))]
#[post("/v1/tenant/close")]
pub(super) async fn close_tenant(app: Data<App>, caller: SteppedUpFor<TenantsAdmin>) -> Result<HttpResponse, Problem> {
    let by = caller.principal().who.user_id;
    app.change("onboarding.close_firm", &caller, move |tx| onboarding::close_firm(tx, by).map(TenantView::from)).await
}
