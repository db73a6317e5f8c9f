//! `POST /v1/invitations/{id}/resend`

use super::view::InvitationView;
use crate::{
    app::App,
    extract::{Once, PathId, Person},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use kernel::{ids::InvitationId, permission::TenantsAdmin};
use onboarding::SendInvitationError;

/// Sends an invitation again with a new link and seven more days. The old link stops working.
#[utoipa::path(operation_id = "resend_invitation", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(("id" = InvitationId, Path)), responses((status = 200, body = InvitationView)))]
#[post("/v1/invitations/{id}/resend")]
pub(super) async fn resend_invitation(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    id: PathId<InvitationId>,
    once: Once,
) -> Result<HttpResponse, Problem> {
    let (id, by, authority) = (id.get(), caller.principal().grantor(), app.authority.clone());
    app.write("onboarding.resend_invitation", &caller, (&once, StatusCode::OK), move |tx| {
        let invitation = onboarding::resend_invitation(tx, &authority, id, by)?;
        Ok::<_, SendInvitationError>(InvitationView::at(invitation, tx.now()))
    })
    .await
}
