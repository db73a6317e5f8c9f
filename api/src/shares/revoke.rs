//! `DELETE /v1/shares/{id}`

use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, delete, web::Data};
use kernel::{ids::ShareId, permission::FilesWrite};

/// Takes a share link back for good: it opens nothing with the next request.
#[utoipa::path(operation_id = "revoke_share", tag = "shares", security(("bearer" = ["files:write"])),
    params(("id" = ShareId, Path)), responses((status = 204)))]
#[delete("/v1/shares/{id}")]
pub(super) async fn revoke_share(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<ShareId>,
) -> Result<HttpResponse, Problem> {
    app.remove("shares.revoke", &caller, move |tx| shares::revoke_share(tx, id.get())).await
}
