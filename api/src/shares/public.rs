//! `GET` and `HEAD /public/{tenant}/{bucket}/{path...}`

use crate::{
    app::App,
    edge::RequestContext,
    files::{Manner, Place, headers_of, send},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, get, head, web::Data};
use kernel::ids::TenantId;
use shares::PublicFile;

/// Parts of an address before the bucket's name: `/public/{tenant}/`.
const PARTS_BEFORE: usize = 3;

/// Reads a file of a public bucket, or a range of it. Nobody need sign in; caches may keep it for a minute.
///
/// Whatever is not there, or not for everybody, is 404: a private bucket, a file in the trash, in quarantine or not yet scanned, a
/// firm that is suspended or closed. There are no lists.
#[utoipa::path(operation_id = "download_public_file", tag = "shares",
    params(("tenant" = TenantId, Path), ("bucket" = String, Path), ("path" = String, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of what the reader has")),
    responses((status = 200, description = "The content", content_type = "*/*"),
        (status = 206, description = "The range", content_type = "*/*"),
        (status = 304, description = "The reader has it already")))]
#[get("/public/{tenant}/{bucket}/{path:.*}")]
pub(super) async fn download_public_file(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let PublicFile { scope, file, readable } = find(&app, &request).await?;
    send(&app, &scope, &request, (&file, &readable, Manner::Public)).await
}

/// Tells what a download of a public file would, without the content.
#[utoipa::path(operation_id = "look_at_public_file", tag = "shares",
    params(("tenant" = TenantId, Path), ("bucket" = String, Path), ("path" = String, Path)),
    responses((status = 200, description = "The headers of a download"),
        (status = 304, description = "The reader has it already")))]
#[head("/public/{tenant}/{bucket}/{path:.*}")]
pub(super) async fn look_at_public_file(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let PublicFile { file, .. } = find(&app, &request).await?;
    Ok(headers_of(&request, (&file, Manner::Public)))
}

async fn find(app: &App, request: &HttpRequest) -> Result<PublicFile, Problem> {
    let none = || Problem::from(edge::NOT_FOUND);
    let mut parts = request.uri().path().splitn(PARTS_BEFORE + 2, '/').skip(PARTS_BEFORE - 1);
    let tenant: TenantId = parts.next().and_then(|text| text.parse().ok()).ok_or_else(none)?;
    let Place { bucket, path } = Place::named(parts.next(), parts.next()).map_err(|_| none())?;
    let visitor = RequestContext::of(request).meta();
    shares::find_public(&app.db, &visitor, (tenant, bucket, path)).await?.ok_or_else(none)
}
