//! `DELETE /v1/members/{id}`

use super::problems;
use crate::{
    app::App,
    extract::{PathId, Person},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::{ids::MemberId, permission::TenantsAdmin};
use tenants::{RemoveMember, RemoveMemberError};

impl From<RemoveMemberError> for Problem {
    fn from(error: RemoveMemberError) -> Self {
        match error {
            RemoveMemberError::NotFound => edge::NOT_FOUND.into(),
            RemoveMemberError::LastOwner => problems::LAST_OWNER.into(),
            RemoveMemberError::NotAllowed => problems::ROLE_NOT_YOURS.into(),
            RemoveMemberError::Db(error) => error.into(),
        }
    }
}

/// Removes a member. Their tokens for this firm stop working at once.
#[utoipa::path(operation_id = "remove_member", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(("id" = MemberId, Path)), responses((status = 204)))]
#[delete("/v1/members/{id}")]
pub(super) async fn remove_member(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    id: PathId<MemberId>,
) -> Result<HttpResponse, Problem> {
    let principal = caller.principal();
    let command = RemoveMember { member: id.get(), by: principal.who.role, by_user: principal.who.user_id };
    app.remove("tenants.remove_member", &caller, move |tx| tenants::remove_member(tx, &command)).await
}
