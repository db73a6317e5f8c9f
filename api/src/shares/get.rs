//! `GET /v1/shares/{id}`

use super::view::ShareView;
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::{ids::ShareId, permission::FilesRead};
use shares::ShareError;

/// Shows a share link, without its token.
#[utoipa::path(operation_id = "get_share", tag = "shares", security(("bearer" = ["files:read"])),
    params(("id" = ShareId, Path)), responses((status = 200, body = ShareView)))]
#[get("/v1/shares/{id}")]
pub(super) async fn get_share(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<ShareId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.read("shares.find", &caller, move |tx| {
        let share = shares::find_share(tx, id)?;
        Ok::<_, ShareError>(ShareView::at(share, tx.now()))
    })
    .await
}
