//! `PATCH /v1/members/{id}`

use super::{problems, roles::unknown_role, view::MemberView};
use crate::{
    app::App,
    extract::{IfMatch, IfMatchHeader, PathId, Person, ValidJson},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, patch, web::Data};
use garde::Validate;
use kernel::{ids::MemberId, permission::TenantsAdmin};
use serde::Deserialize;
use tenants::{ChangeRole, ChangeRoleError, MemberRole};
use utoipa::ToSchema;

/// A member's new role.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeMemberRoleRequest {
    /// The role.
    #[garde(skip)]
    role: MemberRole,
}

impl From<ChangeRoleError> for Problem {
    fn from(error: ChangeRoleError) -> Self {
        match error {
            ChangeRoleError::NotFound => edge::NOT_FOUND.into(),
            ChangeRoleError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            ChangeRoleError::UnknownRole => unknown_role(),
            ChangeRoleError::LastOwner => problems::LAST_OWNER.into(),
            ChangeRoleError::NotAllowed => problems::ROLE_NOT_YOURS.into(),
            ChangeRoleError::Db(error) => error.into(),
        }
    }
}

/// Gives a member another role, from their next request on.
#[utoipa::path(operation_id = "change_member_role", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(("id" = MemberId, Path), IfMatchHeader), request_body = ChangeMemberRoleRequest,
    responses((status = 200, body = MemberView)))]
#[patch("/v1/members/{id}")]
pub(super) async fn change_member_role(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    id: PathId<MemberId>,
    seen: IfMatch,
    body: ValidJson<ChangeMemberRoleRequest>,
) -> Result<HttpResponse, Problem> {
    let by = caller.principal().grantor();
    let command = ChangeRole { member: id.get(), role: body.into_inner().role, by, seen: seen.version() };
    let change = move |tx: &mut db::TenantTx<'_>| onboarding::change_role(tx, &command).map(MemberView::from);
    app.change("onboarding.change_role", &caller, change).await
}
