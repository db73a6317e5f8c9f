//! `PUT /v1/buckets/{name}/files/{path...}`

use super::{
    place::{NoPlace, Place},
    problems::{TYPE_NOT_ALLOWED, UPLOAD_INCOMPLETE},
    view::FileView,
};
use crate::{
    app::App,
    edge::{Deadlines, Watch},
    extract::Allowed,
    problem::{FieldError, Problem, edge},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
    put,
    web::{Data, Payload},
};
use files::{Received, Upload, UploadError, Uploaded};
use kernel::permission::FilesWrite;

/// Bytes of the longest media type.
const MAX_TYPE_BYTES: usize = 255;

impl From<NoPlace> for Problem {
    fn from(reason: NoPlace) -> Self {
        match reason {
            NoPlace::Bucket => edge::NOT_FOUND.into(),
            NoPlace::Path(reason) => {
                let en = reason.map_or_else(|| "must be UTF-8".to_owned(), |reason| reason.to_string());
                let zh = "路径须为 UTF-8，长 1 到 1024 字节，每段不超过 255 字节，且不含空段、.、..、反斜杠或控制字符";
                edge::VALIDATION_FAILED.error(FieldError::new("/path", "invalid", en, zh))
            }
        }
    }
}

/// Stores the body as a file, or as a new version of the file at this path.
///
/// The body may have any size that the bucket and the plan allow. The media type is found out if the request names none.
#[utoipa::path(operation_id = "store_file", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path), ("path" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "A new file", body = FileView),
        (status = 200, description = "A new version", body = FileView)))]
#[put("/v1/buckets/{name}/files/{path:.*}")]
pub(super) async fn store_file(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    request: HttpRequest,
    body: Payload,
) -> Result<HttpResponse, Problem> {
    let Place { bucket, path } = Place::of(request.uri().path())?;
    let upload = Upload {
        bucket,
        path,
        declared_bytes: declared_bytes(request.headers()),
        content_type: content_type(request.headers())?,
    };
    let received = files::receive(&app.db, &app.store, &caller.scope(), upload).await?;
    let watch = Watch::new(Deadlines::of(&request).pace);
    let Uploaded { file, created } = pass_on(body, watch, received).await??;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok(HttpResponse::build(status).insert_header((header::ETAG, file.etag())).json(FileView::from(file)))
}

/// Hands the body on piece by piece, as long as the sender keeps the least speed.
pub(crate) async fn pass_on(
    mut body: Payload,
    mut watch: Watch,
    received: Received,
) -> Result<Result<Uploaded, UploadError>, Problem> {
    loop {
        match watch.next(&mut body).await {
            Ok(Some(Ok(piece))) => {
                if !received.push(piece).await {
                    break;
                }
            }
            Ok(None) => break,
            Ok(Some(Err(_))) => {
                received.give_up().await;
                return Err(UPLOAD_INCOMPLETE.into());
            }
            Err(_) => {
                received.give_up().await;
                return Err(edge::REQUEST_TIMEOUT.into());
            }
        }
    }
    Ok(received.end().await)
}

/// How long the body says it is. The server has refused what is no number.
pub(crate) fn declared_bytes(headers: &HeaderMap) -> Option<i64> {
    let length = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse::<u64>().ok()?;
    Some(i64::try_from(length).unwrap_or(i64::MAX))
}

/// The media type that a sender names.
pub(crate) fn content_type(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(header::CONTENT_TYPE).filter(|value| !value.is_empty()) else { return Ok(None) };
    let known = value.to_str().ok().filter(|text| text.len() <= MAX_TYPE_BYTES);
    match known.and_then(|text| text.parse::<mime::Mime>().ok()) {
        Some(content_type) => Ok(Some(content_type.to_string())),
        None => Err(TYPE_NOT_ALLOWED.into()),
    }
}
