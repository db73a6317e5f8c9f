//! `GET` and `POST /v1/files/{id}/holds`, `DELETE /v1/files/{id}/holds/{hold}`

use crate::{
    app::App,
    extract::{Allowed, Once, PathId, ValidJson},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::StatusCode, post, web::Data};
use chrono::{DateTime, Utc};
use files::Hold;
use garde::Validate;
use kernel::{
    ids::{FileId, HoldId},
    permission::{FilesAdmin, FilesRead},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a hold that a member places has as its cause.
const MEMBER: &str = "member";

/// A legal hold on a file: it is not deleted for good while one stands.
#[derive(Debug, Serialize, ToSchema)]
struct HoldView {
    /// Its id.
    id: HoldId,
    /// What holds the file: `member`, or a dispute's id.
    cause: String,
    /// Why.
    reason: String,
    /// Since when.
    placed_at: DateTime<Utc>,
    /// Until when; null while it stands.
    #[schema(required)]
    released_at: Option<DateTime<Utc>>,
}

impl From<Hold> for HoldView {
    fn from(hold: Hold) -> Self {
        let Hold { id, cause, reason, placed_at, released_at, .. } = hold;
        Self { id, cause, reason, placed_at, released_at }
    }
}

/// The latest holds on a file.
#[derive(Debug, Serialize, ToSchema)]
struct HoldsView {
    /// Newest first, at most a hundred.
    data: Vec<HoldView>,
    /// False.
    has_more: bool,
    /// Null.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Lists the holds on a file, in its place or in the trash; those that ended too.
#[utoipa::path(operation_id = "list_file_holds", tag = "files", security(("bearer" = ["files:read"])),
    params(("id" = FileId, Path)), responses((status = 200, body = HoldsView)))]
#[get("/v1/files/{id}/holds")]
pub(super) async fn list_file_holds(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    id: PathId<FileId>,
) -> Result<HttpResponse, Problem> {
    let id = id.get();
    app.read("files.list_holds", &caller, move |tx| {
        let data = files::list_holds(tx, id)?.into_iter().map(HoldView::from).collect();
        Ok::<_, files::FileError>(HoldsView { data, has_more: false, next_cursor: None })
    })
    .await
}

/// Why a file is to be held.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlaceHoldRequest {
    /// In words, for whoever asks later.
    #[garde(length(chars, min = 1, max = 500))]
    reason: String,
}

/// Holds a file, in its place or in the trash: nobody deletes it or its versions for good until the hold is released.
#[utoipa::path(operation_id = "place_file_hold", tag = "files", security(("bearer" = ["files:admin"])),
    params(("id" = FileId, Path)), request_body = PlaceHoldRequest, responses((status = 201, body = HoldView)))]
#[post("/v1/files/{id}/holds")]
pub(super) async fn place_file_hold(
    app: Data<App>,
    caller: Allowed<FilesAdmin>,
    once: Once,
    id: PathId<FileId>,
    body: ValidJson<PlaceHoldRequest>,
) -> Result<HttpResponse, Problem> {
    let (id, reason) = (id.get(), body.into_inner().reason);
    app.write("files.place_hold", &caller, (&once, StatusCode::CREATED), move |tx| {
        files::place_hold(tx, id, MEMBER, &reason).map(HoldView::from)
    })
    .await
}

/// Ends a hold. What the trash or a bucket's times of keeping would have deleted meanwhile then goes.
#[utoipa::path(operation_id = "release_file_hold", tag = "files", security(("bearer" = ["files:admin"])),
    params(("id" = FileId, Path), ("hold" = HoldId, Path)), responses((status = 204)))]
#[delete("/v1/files/{id}/holds/{hold}")]
pub(super) async fn release_file_hold(
    app: Data<App>,
    caller: Allowed<FilesAdmin>,
    id: PathId<FileId>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (id, hold) = (id.get(), PathId::<HoldId>::named(&request, "hold")?);
    app.remove("files.release_hold", &caller, move |tx| files::release_hold(tx, id, MEMBER, hold)).await
}
