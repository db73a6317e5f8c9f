//! `GET /v1/roles`

use super::roles::RoleView;
use crate::{answer::List, app::App, extract::Allowed, problem::Problem};
use actix_web::{HttpResponse, get, web::Data};
use db::DbError;
use kernel::permission::{Role, TenantsRead};

/// Lists the roles and what each allows: those that come with the platform, then the firm's own.
#[utoipa::path(operation_id = "list_roles", tag = "tenants", security(("bearer" = ["tenants:read"])),
    responses((status = 200, body = List<RoleView>)))]
#[get("/v1/roles")]
pub(super) async fn list_roles(app: Data<App>, caller: Allowed<TenantsRead>) -> Result<HttpResponse, Problem> {
    app.read("tenants.list_roles", &caller, |tx| {
        let own = tenants::list_own_roles(tx)?;
        let built_in = Role::ALL.iter().map(|role| RoleView::from(*role));
        let data = built_in.chain(own.into_iter().map(RoleView::from)).collect();
        Ok::<_, DbError>(List { data, has_more: false, next_cursor: None })
    })
    .await
}
