//! `GET /v1/files/{id}/versions` and what is done with one of them.

use super::{download, headers::Manner, view::FileView};
use crate::{
    answer::List,
    app::App,
    extract::{Allowed, Once, PageParams, PageQuery, PathId},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::StatusCode, post, web::Data};
use chrono::{DateTime, Utc};
use files::{FileError, Version};
use kernel::{
    ids::{FileId, FileVersionId},
    pages::PageRequest,
    permission::{FilesRead, FilesWrite},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A version of a file's content.
#[derive(Debug, Serialize, ToSchema)]
struct VersionView {
    /// Its id.
    id: FileVersionId,
    /// Size in bytes.
    size_bytes: i64,
    /// Media type.
    content_type: String,
    /// SHA-256 of the content, in hexadecimal.
    sha256: String,
    /// When it was stored.
    created_at: DateTime<Utc>,
    /// Whether the file shows it.
    shown: bool,
    /// When another took its place.
    #[schema(required)]
    replaced_at: Option<DateTime<Utc>>,
    /// When it is deleted for good, unless the file is held; null for the version that is shown.
    #[schema(required)]
    purge_at: Option<DateTime<Utc>>,
}

impl From<Version> for VersionView {
    fn from(version: Version) -> Self {
        let Version { id, size_bytes, content_type, sha256, created_at, replaced_at, purge_at, .. } = version;
        let (sha256, shown) = (hex::encode(sha256), replaced_at.is_none());
        Self { id, size_bytes, content_type, sha256, created_at, shown, replaced_at, purge_at }
    }
}

/// Lists a file's versions, newest first.
#[utoipa::path(operation_id = "list_file_versions", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path), PageParams), responses((status = 200, body = List<VersionView>)))]
#[get("/v1/files/{id}/versions")]
pub(super) async fn list_file_versions(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<FileId>,
    page: PageQuery,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.list("files.list_versions", &caller, &page, move |tx, page: &PageRequest<FileVersionId>| {
        Ok::<_, FileError>(files::list_versions(tx, id, page)?.map(VersionView::from))
    })
    .await
}

/// Reads a version's content, or a range of it.
#[utoipa::path(operation_id = "download_file_version", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path), ("version" = FileVersionId, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of what the reader has")),
    responses((status = 200, description = "The content", content_type = "*/*"),
        (status = 206, description = "The range", content_type = "*/*"),
        (status = 304, description = "The reader has it already")))]
#[get("/v1/files/{id}/versions/{version}/content")]
pub(super) async fn download_file_version(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (id.get(), PathId::<FileVersionId>::named(&request, "version")?);
    let find = move |tx: &mut db::TenantTx<'_>| {
        let file = files::find_version(tx, id, version)?.ok_or(FileError::NotFound)?;
        let readable = files::readable(tx, &file)??;
        Ok::<_, FileError>((file, readable))
    };
    let found = app.db.tenant("files.find_version", caller.scope(), find).await?;
    let (file, readable) = &found;
    download::send(&app, &caller.scope(), &request, (file, readable, Manner::Own)).await
}

/// Shows an older version again. The one that was shown is kept as an older one; nothing is counted anew.
#[utoipa::path(operation_id = "restore_file_version", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path), ("version" = FileVersionId, Path)), responses((status = 200, body = FileView)))]
#[post("/v1/files/{id}/versions/{version}/restore")]
pub(super) async fn restore_file_version(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    id: PathId<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (id.get(), PathId::<FileVersionId>::named(&request, "version")?);
    app.write("files.restore_version", &caller, (&once, StatusCode::OK), move |tx| {
        files::restore_version(tx, id, version).map(FileView::from)
    })
    .await
}

/// Deletes an overwritten version for good.
#[utoipa::path(operation_id = "purge_file_version", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path), ("version" = FileVersionId, Path)), responses((status = 204)))]
#[delete("/v1/files/{id}/versions/{version}")]
pub(super) async fn purge_file_version(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, version) = (id.get(), PathId::<FileVersionId>::named(&request, "version")?);
    app.remove("files.purge_version", &caller, move |tx| files::purge_version(tx, id, version)).await
}
