//! `GET /v1/roles/{id}`

use super::roles::RoleView;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::{ids::RoleId, permission::TenantsRead};
use tenants::OwnRoleError;

/// Shows one of the firm's own roles.
#[utoipa::path(operation_id = "get_role", tag = "tenants", security(("bearer" = ["tenants:read"])),
    params(("id" = RoleId, Path)), responses((status = 200, body = RoleView)))]
#[get("/v1/roles/{id}")]
pub(super) async fn get_role(
    app: Data<App>,
    caller: Allowed<TenantsRead>,
    id: PathId<RoleId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.change("tenants.find_role", &caller, move |tx| {
        tenants::find_own_role(tx, id)?.map(RoleView::from).ok_or(OwnRoleError::NotFound)
    })
    .await
}
