//! `DELETE /v1/invitations/{id}`

use crate::{
    app::App,
    extract::{PathId, Protector},
    problem::Problem,
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::{ids::InvitationId, permission::TenantsAdmin};

/// Takes an invitation back. A firm that is held may do it too.
#[utoipa::path(operation_id = "revoke_invitation", tag = "tenants", security(("person" = ["tenants:admin"])),
    params(("id" = InvitationId, Path)), responses((status = 204)))]
#[delete("/v1/invitations/{id}")]
pub(super) async fn revoke_invitation(
    app: Data<App>,
    caller: Protector<TenantsAdmin>,
    id: PathId<InvitationId>,
) -> Result<HttpResponse, Problem> {
    let (id, by) = (id.get(), caller.principal().grantor());
    app.remove("tenants.revoke_invitation", &caller, move |tx| tenants::revoke_invitation(tx, id, by)).await
}
