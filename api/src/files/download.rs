//! `GET` and `HEAD /v1/buckets/{name}/files/{path...}`

use super::{
    conditions::Wanted,
    egress::{Source, counted},
    headers::{self, Manner},
    place::{self, Place},
    problems::{RANGE_NOT_SATISFIABLE, unavailable},
};
use crate::{
    app::App,
    edge::{Deadlines, watched},
    extract::Allowed,
    problem::Problem,
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    get, head,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Data,
};
use bytes::Bytes;
use db::TenantScope;
use files::{ByteRange, File, FileError, Readable};
use futures_util::{Stream, StreamExt, future, stream};
use kernel::permission::FilesRead;
use std::{io, time::Duration};

/// How long the object store may take to give a file's first bytes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a file's content, or a range of it.
#[utoipa::path(operation_id = "download_file", tag = "files", security(("bearer" = ["files:read"])),
    params(("name" = String, Path), ("path" = String, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of what the reader has")),
    responses((status = 200, description = "The content", content_type = "*/*"),
        (status = 206, description = "The range", content_type = "*/*"),
        (status = 304, description = "The reader has it already")))]
#[get("/v1/buckets/{name}/files/{path:.*}")]
pub(super) async fn download_file(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (file, readable) = find(&app, &caller, &request).await?;
    send(&app, &caller.scope(), &request, (&file, &readable, Manner::Own)).await
}

/// Sends a file or the part of it that a request asks for, counted as the firm's egress.
pub(crate) async fn send(
    app: &App,
    scope: &TenantScope,
    request: &HttpRequest,
    (file, readable, manner): (&File, &Readable, Manner),
) -> Result<HttpResponse, Problem> {
    let (size, pace) = (file.size_bytes.unsigned_abs(), Deadlines::of(request).pace);
    let source = Source { scope: scope.clone(), bucket: file.bucket.clone() };
    match Wanted::of(request.headers(), file) {
        Wanted::Nothing => Ok(begin(StatusCode::NOT_MODIFIED, (file, manner)).finish()),
        Wanted::Unsatisfiable => {
            Err(Problem::new(RANGE_NOT_SATISFIABLE).header(header::CONTENT_RANGE, content_range("*", size)))
        }
        Wanted::Whole => {
            let bytes = read(app, source, (readable, size), None).await?;
            Ok(begin(StatusCode::OK, (file, manner)).body(SizedStream::new(size, watched(Box::pin(bytes), pace))))
        }
        Wanted::Part(range) => {
            let bytes = read(app, source, (readable, size), Some(range)).await?;
            let part = content_range(&format!("{}-{}", range.first, range.last), size);
            Ok(begin(StatusCode::PARTIAL_CONTENT, (file, manner))
                .insert_header((header::CONTENT_RANGE, part))
                .body(SizedStream::new(range.length(), watched(Box::pin(bytes), pace))))
        }
    }
}

/// Tells what a download would, without the content.
#[utoipa::path(operation_id = "look_at_file", tag = "files", security(("bearer" = ["files:read"])),
    params(("name" = String, Path), ("path" = String, Path)),
    responses((status = 200, description = "The headers of a download"),
        (status = 304, description = "The reader has it already")))]
#[head("/v1/buckets/{name}/files/{path:.*}")]
pub(super) async fn look_at_file(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (file, _) = find(&app, &caller, &request).await?;
    Ok(headers_of(&request, (&file, Manner::Own)))
}

/// What [`send`] would, without the content.
pub(crate) fn headers_of(request: &HttpRequest, (file, manner): (&File, Manner)) -> HttpResponse {
    if Wanted::of(request.headers(), file) == Wanted::Nothing {
        return begin(StatusCode::NOT_MODIFIED, (file, manner)).finish();
    }
    let nothing = stream::empty::<io::Result<Bytes>>();
    begin(StatusCode::OK, (file, manner)).body(SizedStream::new(file.size_bytes.unsigned_abs(), nothing))
}

async fn find(app: &App, caller: &Allowed<FilesRead>, request: &HttpRequest) -> Result<(File, Readable), Problem> {
    let Place { bucket, path } = place::found(request)?;
    let find = move |tx: &mut db::TenantTx<'_>| {
        let file = files::find_at(tx, &bucket, path.as_str())?.ok_or(FileError::NotFound)?;
        let readable = files::readable(tx, &file)??;
        Ok::<_, FileError>((file, readable))
    };
    Ok(app.db.tenant("files.find_at", caller.scope(), find).await?)
}

fn begin(status: StatusCode, (file, manner): (&File, Manner)) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    for header in headers::of(file, manner) {
        response.insert_header(header);
    }
    response
}

fn content_range(part: &str, size: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("bytes {part}/{size}")).unwrap_or(HeaderValue::from_static("bytes */*"))
}

/// The whole of a file that was found in a firm; nobody is billed for it.
pub(crate) async fn send_whole(app: &App, file: &File, readable: &Readable) -> Result<HttpResponse, Problem> {
    let size = file.size_bytes.unsigned_abs();
    let bytes = first_bytes(app, (readable, size), None).await?;
    Ok(begin(StatusCode::OK, (file, Manner::Own)).body(SizedStream::new(size, bytes)))
}

/// The bytes, counted as the firm's egress.
pub(super) async fn read(
    app: &App,
    source: Source,
    object: (&Readable, u64),
    range: Option<ByteRange>,
) -> Result<impl Stream<Item = io::Result<Bytes>> + 'static, Problem> {
    let bytes = first_bytes(app, object, range).await?;
    Ok(counted(bytes, app.traffic.clone(), source))
}

/// The bytes, once the object store has given the first of them: until then the answer may still be a problem.
async fn first_bytes(
    app: &App,
    (readable, size): (&Readable, u64),
    range: Option<ByteRange>,
) -> Result<impl Stream<Item = io::Result<Bytes>> + 'static, Problem> {
    if size == 0 {
        return Ok(stream::empty().right_stream());
    }
    Ok(begun(Box::pin(app.store.stream(readable, range))).await?.left_stream())
}

/// The same bytes, once the first of them are there.
pub(super) async fn begun(
    mut bytes: impl Stream<Item = io::Result<Bytes>> + Unpin + 'static,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Unpin + 'static, Problem> {
    let first = tokio::time::timeout(PATIENCE, bytes.next()).await.map_err(|error| unavailable(&error))?;
    let first = first.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()));
    let first = first.map_err(|error| unavailable(&error))?;
    Ok(stream::once(future::ready(Ok(first))).chain(bytes))
}
