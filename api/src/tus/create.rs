//! `POST /v1/tus`

use super::{
    body,
    metadata::Metadata,
    problems::PIECE_TYPE,
    protocol::{DEFER_LENGTH, LENGTH, METADATA, OFFSET, PIECE, checksum, demand_version, expires, invalid, number},
};
use crate::{
    app::App,
    extract::Allowed,
    problem::{Problem, edge},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    post,
    web::{Data, Payload},
};
use files::{Append, CreateResumable};
use kernel::permission::FilesWrite;

/// Begins an upload that can be resumed after a break, by tus 1.0.0.
///
/// `Upload-Metadata` names `bucket`, `path` (or `filename`) and perhaps `filetype`. With a body, the first piece comes at once.
#[utoipa::path(operation_id = "create_resumable_upload", tag = "tus", security(("bearer" = ["files:write"])),
    params(("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = Option<i64>, Header, description = "Bytes of the file"),
        ("Upload-Defer-Length" = Option<i64>, Header, description = "1, if the length is said later"),
        ("Upload-Metadata" = String, Header, description = "Keys, each with its value in Base64"),
        ("Upload-Checksum" = Option<String>, Header, description = "sha1 or sha256 of the body, in Base64")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 201, description = "Location tells where to send the bytes")))]
#[post("/v1/tus")]
pub(super) async fn create_resumable(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let headers = request.headers();
    demand_version(headers)?;
    let command = command(headers)?;
    let piece = first_piece(headers, command.length)?;
    let (id, expires_at) = app
        .db
        .tenant("files.create_resumable", caller.scope(), move |tx| files::create_resumable(tx, &command))
        .await?;
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, format!("/v1/tus/{id}"))).insert_header(expires(expires_at));
    if let Some(piece) = piece {
        let appended = body::append(&app, caller.scope(), &request, (id, piece), payload).await?;
        answer.insert_header((OFFSET, appended.offset.to_string()));
        if let Some(file) = appended.file_id {
            answer.insert_header((header::CONTENT_LOCATION, format!("/v1/files/{file}")));
        }
    }
    Ok(answer.finish())
}

fn command(headers: &HeaderMap) -> Result<CreateResumable, Problem> {
    let length = match (number(headers, &LENGTH)?, headers.get(&DEFER_LENGTH)) {
        (Some(length), None) => Some(length),
        (None, Some(deferred)) if deferred == "1" => None,
        (None, None) => return Err(invalid(&LENGTH)),
        _ => return Err(invalid(&DEFER_LENGTH)),
    };
    let text = headers.get(&METADATA).map(|value| value.to_str().map_err(|_| invalid(&METADATA))).transpose()?;
    let Metadata { bucket, path, content_type } = Metadata::read(text.unwrap_or_default())?;
    let bucket = bucket.ok_or_else(|| Problem::new(edge::NOT_FOUND))?;
    Ok(CreateResumable { bucket, path, length, content_type, metadata: text.map(str::to_owned) })
}

/// What comes with the creation: a body that says that it is a piece, or the nothing that an empty file is.
fn first_piece(headers: &HeaderMap, length: Option<i64>) -> Result<Option<Append>, Problem> {
    let declared = number(headers, &header::CONTENT_LENGTH)?;
    let streamed = headers.contains_key(header::TRANSFER_ENCODING);
    let comes = streamed || declared.is_some_and(|declared| declared > 0);
    let is_piece = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == PIECE);
    if comes && !is_piece {
        return Err(PIECE_TYPE.into());
    }
    let piece = Append { offset: 0, declared, length: None, checksum: checksum(headers)? };
    Ok((comes || length == Some(0)).then_some(piece))
}
