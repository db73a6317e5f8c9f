//! `GET /admin/v1/verifications/{id}/licence`

use crate::{
    app::App,
    extract::{Administrator, PathId},
    files::send_whole,
    problem::Problem,
};
use actix_web::{HttpResponse, get, web::Data};
use kernel::ids::VerificationId;

/// Gives the licence of a request as it was when the request was made. The firm's own audit log says who looked.
#[utoipa::path(operation_id = "admin_read_licence", tag = "admin", security(("bearer" = [])),
    params(("id" = VerificationId, Path)),
    responses((status = 200, description = "The licence", content_type = "*/*")))]
#[get("/admin/v1/verifications/{id}/licence")]
pub(super) async fn admin_read_licence(
    app: Data<App>,
    caller: Administrator,
    id: PathId<VerificationId>,
) -> Result<HttpResponse, Problem> {
    let (id, by) = (id.get(), caller.principal().administrator.id);
    let licence = app
        .db
        .platform("platform.open_licence", caller.actor(), move |tx| platform::open_licence(tx, id, by))
        .await??;
    send_whole(&app, &licence.file, &licence.readable?).await
}
