//! `DELETE /v1/members/{id}`

use super::problems;
use crate::{
    answer,
    app::App,
    extract::{IfMatch, IfMatchHeader, PathId, SignedIn, demand_held},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::{ids::MemberId, permission::Permission};
use tenants::{Grantor, RemoveMember, RemoveMemberError};

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

/// Removes a member, whose sessions in this firm end at once. Everybody may leave by themselves; to remove others takes
/// `tenants:admin`. A firm that is held may do it too.
#[utoipa::path(operation_id = "remove_member", tag = "tenants", security(("person" = [])),
    params(("id" = MemberId, Path), IfMatchHeader), responses((status = 204)))]
#[delete("/v1/members/{id}")]
pub(super) async fn remove_member(
    app: Data<App>,
    caller: SignedIn,
    id: PathId<MemberId>,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let principal = caller.principal();
    let others = demand_held(principal, Permission::TenantsAdmin);
    let by = if others.is_ok() { principal.grantor() } else { Grantor::default() };
    let command = RemoveMember { member: id.get(), by, by_user: principal.who.user_id, seen: seen.version() };
    let remove = move |tx: &mut db::TenantTx<'_>| onboarding::remove_member(tx, &command);
    match (app.db.tenant("onboarding.remove_member", caller.scope(), remove).await, others) {
        (Ok(()), _) => Ok(answer::nothing()),
        (Err(RemoveMemberError::NotAllowed), Err(problem)) => Err(problem),
        (Err(error), _) => Err(error.into()),
    }
}
