//! `DELETE /v1/tus/{id}`

use super::{problems::of_upload, protocol::demand_version};
use crate::{
    answer,
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, delete, web::Data};
use kernel::{ids::UploadId, permission::FilesWrite};

/// Gives a resumable upload up. The room it holds is free at once; what has arrived is deleted.
#[utoipa::path(operation_id = "end_resumable_upload", tag = "tus", security(("bearer" = ["files:write"])),
    params(("id" = UploadId, Path), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses((status = 204)))]
#[delete("/v1/tus/{id}")]
pub(super) async fn end_resumable(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<UploadId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    demand_version(request.headers())?;
    let id = id.get();
    let ended = app.db.tenant("files.terminate", caller.scope(), move |tx| files::terminate(tx, id)).await;
    ended.map_err(of_upload)?;
    Ok(answer::nothing())
}
