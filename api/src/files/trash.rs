//! `GET /v1/trash` and what is done with what lies there.

use super::{problems, rules::is_path_if_given, view::FileView};
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Filters, Once, PageParams, PageQuery, PathId, ValidJson},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, delete, get, http::StatusCode, post, web::Data};
use chrono::{DateTime, Utc};
use db::DbError;
use files::{FileError, FilePath, TrashPosition, TrashedFile};
use garde::Validate;
use kernel::{
    ids::{FileId, ProductId},
    pages::PageRequest,
    permission::{FilesRead, FilesWrite},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A file in the trash.
#[derive(Debug, Serialize, ToSchema)]
struct TrashedFileView {
    /// The file as it was.
    #[serde(flatten)]
    file: FileView,
    /// When it was deleted.
    deleted_at: DateTime<Utc>,
    /// When it is deleted for good, unless it is held. Until then its bytes count as stored.
    purge_at: DateTime<Utc>,
}

impl From<TrashedFile> for TrashedFileView {
    fn from(TrashedFile { file, deleted_at, purge_at }: TrashedFile) -> Self {
        Self { file: file.into(), deleted_at, purge_at }
    }
}

/// Which files.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TrashFilters {
    /// Only those of this bucket.
    bucket: Option<String>,
}

/// Lists the trash, what was deleted last first.
#[utoipa::path(operation_id = "list_trash", tag = "files", security(("bearer" = ["files:read"])),
    params(PageParams, TrashFilters), responses((status = 200, body = List<TrashedFileView>)))]
#[get("/v1/trash")]
pub(super) async fn list_trash(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    page: PageQuery,
    filters: Filters<TrashFilters>,
) -> Result<HttpResponse, Problem> {
    let Filters(TrashFilters { bucket }) = filters;
    app.list("files.list_trash", &caller, &page, move |tx, page: &PageRequest<TrashPosition>| {
        Ok::<_, FileError>(files::list_trash(tx, bucket.as_deref(), page)?.map(TrashedFileView::from))
    })
    .await
}

/// How to bring a file back.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct RestoreFileRequest {
    /// Another path in its bucket, if the one it had is taken.
    #[garde(custom(is_path_if_given))]
    path: Option<String>,
}

/// Brings a file back from the trash.
#[utoipa::path(operation_id = "restore_file", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path)), request_body = RestoreFileRequest, responses((status = 200, body = FileView)))]
#[post("/v1/trash/{id}/restore")]
pub(super) async fn restore_file(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    id: PathId<FileId>,
    body: ValidJson<RestoreFileRequest>,
) -> Result<HttpResponse, Problem> {
    let (id, path) = (id.get(), body.into_inner().path);
    let path: Option<FilePath> =
        path.map(|text| text.parse()).transpose().map_err(|_| Problem::new(edge::NOT_FOUND))?;
    app.write("files.restore", &caller, (&once, StatusCode::OK), move |tx| {
        files::restore_file(tx, id, path.as_ref()).map(FileView::from)
    })
    .await
}

/// Why a file was not deleted for good.
#[derive(Debug, thiserror::Error)]
enum PurgeError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("products show it")]
    InUse(Vec<ProductId>),
}

impl From<DbError> for PurgeError {
    fn from(error: DbError) -> Self {
        Self::File(error.into())
    }
}

impl From<PurgeError> for Problem {
    fn from(error: PurgeError) -> Self {
        match error {
            PurgeError::File(error) => error.into(),
            PurgeError::InUse(products) => problems::FILE_IN_USE.with("used_by", products),
        }
    }
}

/// Whether although.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PurgeQuery {
    /// True: although products show it.
    #[serde(default)]
    force: bool,
}

/// Deletes a file in the trash for good, with all its versions. A held file is refused, and so is one that products show, unless it is
/// forced; the problem names the products.
#[utoipa::path(operation_id = "purge_file", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path), PurgeQuery), responses((status = 204)))]
#[delete("/v1/trash/{id}")]
pub(super) async fn purge_file(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<FileId>,
    query: Filters<PurgeQuery>,
) -> Result<HttpResponse, Problem> {
    let (id, force) = (id.get(), query.0.force);
    app.remove("files.purge", &caller, move |tx| {
        let products = if force { Vec::new() } else { catalogue::products_showing(tx, id)? };
        if products.is_empty() { Ok(files::purge_file(tx, id)?) } else { Err(PurgeError::InUse(products)) }
    })
    .await
}
