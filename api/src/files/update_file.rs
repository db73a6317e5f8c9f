//! `PATCH /v1/files/{id}`

use super::{rules::are_tags, view::FileView};
use crate::{
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, PathId, ValidJson, is_metadata},
    problem::Problem,
};
use actix_web::{HttpResponse, patch, web::Data};
use files::UpdateFile;
use garde::Validate;
use kernel::{ids::FileId, permission::FilesWrite};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Changes of what is known of a file; what is missing stays as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateFileRequest {
    /// The tags it then has: at most 50, of 1 to 50 characters each.
    #[garde(custom(are_tags))]
    tags: Option<BTreeSet<String>>,
    /// The integrator's own: at most 50 keys, 500 characters each.
    #[garde(custom(is_metadata))]
    metadata: Option<BTreeMap<String, String>>,
}

/// Changes a file's tags and metadata. Its content stays.
#[utoipa::path(operation_id = "update_file", tag = "files", security(("bearer" = ["files:write"])),
    params(("id" = FileId, Path), IfMatchHeader), request_body = UpdateFileRequest,
    responses((status = 200, body = FileView)))]
#[patch("/v1/files/{id}")]
pub(super) async fn update_file(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    id: PathId<FileId>,
    seen: IfMatch,
    body: ValidJson<UpdateFileRequest>,
) -> Result<HttpResponse, Problem> {
    let UpdateFileRequest { tags, metadata } = body.into_inner();
    let (id, seen, change) = (id.get(), seen.version(), UpdateFile { tags, metadata });
    app.change("files.update", &caller, move |tx| files::update_file(tx, id, &change, seen).map(FileView::from)).await
}
