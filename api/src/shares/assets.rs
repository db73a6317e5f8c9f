//! `GET /s/assets/{name}`: style and script of the pages, which hold none themselves.

use crate::problem::{Problem, edge};
use actix_web::{HttpResponse, get, http::header, web::Path};

#[get("/s/assets/{name}")]
pub(super) async fn asset(name: Path<String>) -> Result<HttpResponse, Problem> {
    let (kind, body) = match name.as_str() {
        "share.css" => ("text/css; charset=utf-8", include_str!("page/share.css")),
        "drop.js" => ("text/javascript; charset=utf-8", include_str!("page/drop.js")),
        _ => return Err(edge::NOT_FOUND.into()),
    };
    let caching = (header::CACHE_CONTROL, "public, max-age=3600");
    Ok(HttpResponse::Ok().content_type(kind).insert_header(caching).body(body))
}
