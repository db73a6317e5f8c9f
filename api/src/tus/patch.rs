//! `PATCH /v1/tus/{id}`

use super::{
    body,
    problems::PIECE_TYPE,
    protocol::{LENGTH, OFFSET, PIECE, checksum, demand_version, invalid, number},
};
use crate::{
    app::App,
    extract::{Allowed, PathId},
    problem::Problem,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    patch,
    web::{Data, Payload},
};
use files::Append;
use kernel::{ids::UploadId, permission::FilesWrite};

/// Adds a piece to a resumable upload, where it stands. What arrives before a break is kept, unless the piece has a checksum.
///
/// With the last byte the file is there; `Content-Location` tells where.
#[utoipa::path(operation_id = "append_to_resumable_upload", tag = "tus", security(("bearer" = ["files:write"])),
    params(("id" = UploadId, Path), ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = i64, Header, description = "Where the piece begins"),
        ("Upload-Length" = Option<i64>, Header, description = "Bytes of the file, if that was not said before"),
        ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256 of the piece, in Base64")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "Upload-Offset tells where to go on")))]
#[patch("/v1/tus/{id}")]
pub(super) async fn append_to_resumable(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<UploadId>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    demand_version(headers)?;
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != PIECE) {
        return Err(PIECE_TYPE.into());
    }
    let piece = Append {
        offset: number(headers, &OFFSET)?.ok_or_else(|| invalid(&OFFSET))?,
        declared: number(headers, &header::CONTENT_LENGTH)?,
        length: number(headers, &LENGTH)?,
        checksum: checksum(headers)?,
    };
    let appended = body::append(&app, caller.scope(), &request, (id.get(), piece), payload).await?;
    let mut answer = HttpResponse::NoContent();
    answer.insert_header((OFFSET, appended.offset.to_string()));
    match appended.file_id {
        Some(file) => answer.insert_header((header::CONTENT_LOCATION, format!("/v1/files/{file}"))),
        None => answer.insert_header(super::protocol::expires(appended.expires_at)),
    };
    Ok(answer.finish())
}
