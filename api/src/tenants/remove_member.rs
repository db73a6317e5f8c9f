//! `DELETE /v1/members/{id}`

use super::problems;
use crate::{
    app::App,
    extract::{IfMatch, IfMatchHeader, PathId, Person},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::{ids::MemberId, permission::TenantsAdmin};
use tenants::{RemoveMember, RemoveMemberError};

impl From<RemoveMemberError> for Problem {
    fn from(error: RemoveMemberError) -> Self {
        match error {
            RemoveMemberError::NotFound => edge::NOT_FOUND.into(),
            RemoveMemberError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            RemoveMemberError::LastOwner => problems::LAST_OWNER.into(),
            RemoveMemberError::NotAllowed => problems::ROLE_NOT_YOURS.into(),
            RemoveMemberError::Db(error) => error.into(),
        }
    }
}

/// Removes a member. Their tokens for this firm stop working at once.
#[utoipa::path(operation_id = "remove_member", tag = "tenants", security(("bearer" = ["tenants:admin"])),
    params(("id" = MemberId, Path), IfMatchHeader), responses((status = 204)))]
#[delete("/v1/members/{id}")]
pub(super) async fn remove_member(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    id: PathId<MemberId>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let principal = caller.principal();
    let (by, by_user) = (principal.who.role, principal.who.user_id);
    let command = RemoveMember { member: id.get(), by, by_user, seen: seen.version() };
    app.remove("tenants.remove_member", &caller, move |tx| tenants::remove_member(tx, &command)).await
}
