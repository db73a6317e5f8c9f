//! `PATCH /v1/roles/{id}`

#![expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "garde hands over the field")]

use super::roles::{RoleView, is_role_name};
use crate::{
    app::App,
    extract::{IfMatch, IfMatchHeader, PathId, Person, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, patch, web::Data};
use garde::Validate;
use kernel::{
    ids::RoleId,
    permission::{Permission, TenantsAdmin},
};
use serde::Deserialize;
use tenants::UpdateRole;
use utoipa::ToSchema;

/// Changes of a role; what is missing stays as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateRoleRequest {
    /// Name, unique in the firm.
    #[garde(custom(is_role_name_if_given))]
    name: Option<String>,
    /// What its members may do; no more than you may do yourself.
    #[garde(inner(length(min = 1)))]
    #[schema(min_items = 1)]
    permissions: Option<Vec<Permission>>,
}

fn is_role_name_if_given(text: &Option<String>, (): &()) -> garde::Result {
    text.as_deref().map_or(Ok(()), |text| is_role_name(text, &()))
}

/// Changes one of the firm's own roles, from its members' next requests on.
#[utoipa::path(operation_id = "update_role", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(("id" = RoleId, Path), IfMatchHeader), request_body = UpdateRoleRequest, responses((status = 200, body = RoleView)))]
#[patch("/v1/roles/{id}")]
pub(super) async fn update_role(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    id: PathId<RoleId>,
    seen: IfMatch,
    body: ValidJson<UpdateRoleRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = UpdateRole {
        id: id.get(),
        if_version: seen.version(),
        name: body.name.map(|name| name.trim().to_owned()),
        permissions: body.permissions.map(|listed| listed.into_iter().collect()),
        by: caller.principal().grantor(),
    };
    app.change("tenants.update_role", &caller, move |tx| tenants::update_role(tx, &command).map(RoleView::from)).await
}
