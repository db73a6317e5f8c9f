//! `GET /v1/roles`

use super::view::RoleView;
use crate::{
    answer::{self, List},
    extract::Allowed,
};
use actix_web::{HttpResponse, get, http::StatusCode};
use kernel::permission::{Role, TenantsRead};

/// Lists the roles and what each allows.
#[utoipa::path(operation_id = "list_roles", tag = "tenants", security(("bearer" = ["tenants:read"])),
    responses((status = 200, body = List<RoleView>)))]
#[get("/v1/roles")]
pub(super) async fn list_roles(_caller: Allowed<TenantsRead>) -> HttpResponse {
    let roles = Role::ALL.iter().map(|role| RoleView { name: *role, built_in: true, permissions: role.permissions() });
    answer::json(StatusCode::OK, &List { data: roles.collect(), has_more: false, next_cursor: None })
}
