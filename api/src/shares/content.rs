//! `GET /s/{token}/content` and `GET /s/{token}/files/{path...}`

use super::{
    carrier::{download_passes, part_cookie, token_text, visitor},
    page::for_people,
};
use crate::{
    app::App,
    files::{Manner, Wanted, send},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, get, http::header, web::Data};
use files::{ByteRange, File, FilePath};
use percent_encoding::percent_decode_str;
use shares::{Fetch, Part, ShareMode};

/// Parts of an address before a path: `/s/{token}/files/`.
const PARTS_BEFORE: usize = 4;

/// Downloads the file of a link, or shows it where the link allows no more.
///
/// Each download counts once. A later range counts nothing if the cookie that came with the beginning is shown.
#[utoipa::path(operation_id = "download_shared_file", tag = "shares",
    params(("token" = String, Path), ("Range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, description = "The content", content_type = "*/*"),
        (status = 206, description = "The range", content_type = "*/*"),
        (status = 304, description = "The reader has it already")))]
#[get("/s/{token}/content")]
pub(super) async fn download_shared_file(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let answer = download(&app, &request, None).await;
    for_people(&request, answer)
}

/// Downloads a file of a folder's link.
#[utoipa::path(operation_id = "download_from_shared_folder", tag = "shares",
    params(("token" = String, Path), ("path" = String, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes")),
    responses((status = 200, description = "The content", content_type = "*/*"),
        (status = 206, description = "The range", content_type = "*/*"),
        (status = 304, description = "The reader has it already")))]
#[get("/s/{token}/files/{path:.*}")]
pub(super) async fn download_from_shared_folder(app: Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let answer = match path(&request) {
        Some(path) => download(&app, &request, Some(path)).await,
        None => Err(edge::NOT_FOUND.into()),
    };
    for_people(&request, answer)
}

/// The path in the address as it was sent, decoded once.
fn path(request: &HttpRequest) -> Option<FilePath> {
    let sent = request.uri().path().splitn(PARTS_BEFORE + 1, '/').nth(PARTS_BEFORE)?;
    percent_decode_str(sent).decode_utf8().ok()?.parse().ok()
}

async fn download(app: &App, request: &HttpRequest, path: Option<FilePath>) -> Result<HttpResponse, Problem> {
    let headers = request.headers().clone();
    let part = Box::new(move |file: &File| match Wanted::of(&headers, file) {
        Wanted::Nothing | Wanted::Unsatisfiable => Part::Nothing,
        Wanted::Part(ByteRange { first, .. }) if first > 0 => Part::Later,
        Wanted::Whole | Wanted::Part(_) => Part::Beginning,
    });
    let wanted = Fetch { path, passes: download_passes(request), part };
    let fetched = shares::fetch(&app.db, &app.master_key, &visitor(request)?, wanted).await?;
    let manner = if fetched.mode == ShareMode::View { Manner::Shown } else { Manner::Taken };
    let mut answer = send(app, &fetched.scope, request, (&fetched.file, &fetched.readable, manner)).await?;
    if let (Some(pass), Some(token)) = (fetched.pass, token_text(request)) {
        let cookie = part_cookie(app, token, fetched.file.version_id, pass);
        // A cookie that cannot be written only makes a continuation count.
        let _ = answer.add_cookie(&cookie);
    }
    answer
        .headers_mut()
        .insert(header::HeaderName::from_static("x-robots-tag"), header::HeaderValue::from_static("noindex, nofollow"));
    Ok(answer)
}
