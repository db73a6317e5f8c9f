//! `POST /v1/members/{id}/transfer-ownership`

use super::{problems, view::MemberView};
use crate::{
    app::App,
    extract::{Once, PathId, SteppedUpFor},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::MemberId, permission::TenantsAdmin};
use tenants::{TransferOwnership, TransferOwnershipError};

impl From<TransferOwnershipError> for Problem {
    fn from(error: TransferOwnershipError) -> Self {
        match error {
            TransferOwnershipError::NotFound => edge::NOT_FOUND.into(),
            TransferOwnershipError::NotOwner => problems::OWNER_ONLY.into(),
            TransferOwnershipError::ToSelf => problems::ALREADY_OWNER.into(),
            TransferOwnershipError::Db(error) => error.into(),
        }
    }
}

/// Makes a member an owner in the caller's place, who becomes an administrator. Shows the new owner.
#[utoipa::path(operation_id = "transfer_ownership", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(("id" = MemberId, Path)), responses((status = 200, body = MemberView)))]
#[post("/v1/members/{id}/transfer-ownership")]
pub(super) async fn transfer_ownership(
    app: Data<App>,
    caller: SteppedUpFor<TenantsAdmin>,
    id: PathId<MemberId>,
    once: Once,
) -> Result<HttpResponse, Problem> {
    let command = TransferOwnership { to: id.get(), by_user: caller.principal().who.user_id };
    app.write("onboarding.transfer_ownership", &caller, (&once, StatusCode::OK), move |tx| {
        onboarding::transfer_ownership(tx, &command).map(MemberView::from)
    })
    .await
}
