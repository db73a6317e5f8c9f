//! `POST /v1/files/{id}/download-url`

use super::{headers, problems::unavailable};
use crate::{
    app::App,
    extract::{Allowed, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, post, web::Data};
use chrono::{DateTime, Duration, Utc};
use garde::Validate;
use kernel::{ids::FileId, permission::FilesRead};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long an address serves if nothing is said.
const QUARTER_HOUR: u32 = 15 * 60;

/// How long the address shall serve.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueDownload {
    /// Seconds, at most an hour; a quarter of an hour if nothing is said.
    #[garde(range(min = 1, max = 3600))]
    expires_in_seconds: Option<u32>,
}

/// An address that gives a file's bytes to whoever knows it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DownloadAddress {
    /// The address.
    url: String,
    /// When it stops to serve.
    expires_at: DateTime<Utc>,
}

/// Signs an address at the object store under which a file's present version can be read, without signing in.
///
/// Its size counts as sent once, when the address is issued. A browser saves whatever could run a program.
#[utoipa::path(operation_id = "issue_download", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path)), request_body = IssueDownload, responses((status = 200, body = DownloadAddress)))]
#[post("/v1/files/{id}/download-url")]
pub(super) async fn issue_download(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<FileId>,
    body: ValidJson<IssueDownload>,
) -> Result<HttpResponse, Problem> {
    let (id, scope) = (id.get(), caller.scope());
    let seconds = body.into_inner().expires_in_seconds.unwrap_or(QUARTER_HOUR);
    let (file, right) =
        app.db.tenant("files.issue_download", scope, move |tx| files::issue_download(tx, id, seconds)).await?;
    let disposition = headers::disposition(&file);
    let disposition = disposition.to_str().unwrap_or("attachment");
    let signed = app.store.sign_get(&right, &file, disposition, seconds).await;
    let url = signed.map_err(|error| unavailable(&error))?;
    let expires_at = app.db.clock().now() + Duration::seconds(seconds.into());
    Ok(HttpResponse::Ok().json(DownloadAddress { url, expires_at }))
}
