//! `GET /v1/files/{id}/thumbnail`

use super::{download::read, egress::Source, headers};
use crate::{
    app::App,
    edge::{Deadlines, tags::names, watched},
    extract::{Allowed, Filters, PathId},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, body::SizedStream, get, http::header, web::Data};
use files::{FileError, Preset, ThumbnailError};
use kernel::{ids::FileId, permission::FilesRead};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which small picture.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ThumbnailFilters {
    /// Fit into a square of 160 (`small`), 480 (`medium`, if nothing is said) or 1200 pixels (`large`).
    #[param(inline)]
    preset: Option<Preset>,
}

/// Reads a picture in a smaller size: a JPEG, or a PNG where something shines through.
#[utoipa::path(operation_id = "get_thumbnail", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path), ThumbnailFilters,
        ("If-None-Match" = Option<String>, Header, description = "The ETag of what the reader has")),
    responses((status = 200, description = "The small picture", content_type = "image/*"),
        (status = 304, description = "The reader has it already")))]
#[get("/v1/files/{id}/thumbnail")]
pub(super) async fn get_thumbnail(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<FileId>,
    filters: Filters<ThumbnailFilters>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, preset) = (id.get(), filters.0.preset.unwrap_or(Preset::Medium));
    let find = move |tx: &mut db::TenantTx<'_>| {
        let file = files::find(tx, id)?.ok_or(FileError::NotFound)?;
        Ok::<_, ThumbnailError>((files::thumbnail(tx, &file, preset)?, file.bucket))
    };
    let (thumbnail, bucket) = app.db.tenant("files.thumbnail", caller.scope(), find).await?;
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let same = known.is_some_and(|tags| names(tags, &thumbnail.etag()));
    let mut response = if same { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    for header in headers::of_thumbnail(&thumbnail) {
        response.insert_header(header);
    }
    if same {
        return Ok(response.finish());
    }
    let size = thumbnail.size_bytes.unsigned_abs();
    let bytes = read(&app, Source { scope: caller.scope(), bucket }, (&thumbnail.readable, size), None).await?;
    Ok(response.body(SizedStream::new(size, watched(Box::pin(bytes), Deadlines::of(&request).pace))))
}
