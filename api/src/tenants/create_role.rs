//! `POST /v1/roles`

use super::roles::{RoleView, is_role_name};
use crate::{
    app::App,
    extract::{Once, Person, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::permission::{Permission, TenantsAdmin};
use serde::Deserialize;
use tenants::CreateRole;
use utoipa::ToSchema;

/// A role of the firm's own.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateRoleRequest {
    /// Its name, unique in the firm.
    #[garde(custom(is_role_name))]
    #[schema(min_length = 1, max_length = 60)]
    name: String,
    /// What its members may do; no more than you may do yourself.
    #[garde(length(min = 1))]
    #[schema(min_items = 1)]
    permissions: Vec<Permission>,
}

/// Makes a role of the firm's own.
#[utoipa::path(operation_id = "create_role", tag = "tenants", security(("person" = ["tenants:admin"])),
    request_body = CreateRoleRequest, responses((status = 201, body = RoleView)))]
#[post("/v1/roles")]
pub(super) async fn create_role(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    once: Once,
    body: ValidJson<CreateRoleRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = CreateRole {
        name: body.name.trim().to_owned(),
        permissions: body.permissions.into_iter().collect(),
        by: caller.principal().grantor(),
    };
    app.write("tenants.create_role", &caller, (&once, StatusCode::CREATED), move |tx| {
        tenants::create_role(tx, &command).map(RoleView::from)
    })
    .await
}
