//! `PATCH /v1/buckets/{name}`

#![expect(clippy::ref_option, clippy::option_option, reason = "garde hands over the field; null is not missing")]

use super::{create_bucket::media_type, place, view::BucketView};
use crate::{
    app::App,
    auth::rules::nullable,
    extract::{Allowed, IfMatch, IfMatchHeader, ValidJson},
    problem::{Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, patch, web::Data};
use files::{UpdateBucket, UpdateBucketError, Visibility};
use garde::Validate;
use kernel::permission::FilesWrite;
use serde::Deserialize;
use utoipa::ToSchema;

/// Changes of a bucket; what is missing stays as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateBucketRequest {
    /// Who may read its files.
    #[garde(skip)]
    visibility: Option<Visibility>,
    /// Bytes of the largest file it takes; null takes the limit away. Files that are there stay.
    #[garde(inner(inner(range(min = 1))))]
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    max_object_bytes: Option<Option<i64>>,
    /// Media types it takes; all if there is none. Files that are there stay.
    #[garde(custom(are_types))]
    allowed_types: Option<Vec<String>>,
    /// Days that a deleted file waits in the trash.
    #[garde(inner(range(min = 0, max = 3650)))]
    trash_days: Option<i32>,
    /// Days that an overwritten version is kept.
    #[garde(inner(range(min = 0, max = 3650)))]
    version_days: Option<i32>,
    /// Overwritten versions of a file that are kept at most; null takes the limit away.
    #[garde(inner(inner(range(min = 0, max = 10_000))))]
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 10_000)]
    keep_versions: Option<Option<i32>>,
}

fn are_types(types: &Option<Vec<String>>, (): &()) -> garde::Result {
    let Some(types) = types else { return Ok(()) };
    if types.len() > 50 {
        return Err(garde::Error::new("at most 50 types"));
    }
    types.iter().try_for_each(|text| media_type(text, &()))
}

impl From<UpdateBucketRequest> for UpdateBucket {
    fn from(body: UpdateBucketRequest) -> Self {
        let UpdateBucketRequest {
            visibility,
            max_object_bytes,
            allowed_types,
            trash_days,
            version_days,
            keep_versions,
        } = body;
        Self { visibility, max_object_bytes, allowed_types, trash_days, version_days, keep_versions }
    }
}

impl From<UpdateBucketError> for Problem {
    fn from(error: UpdateBucketError) -> Self {
        match error {
            UpdateBucketError::NotFound => edge::NOT_FOUND.into(),
            UpdateBucketError::Stale { current } => edge::PRECONDITION_FAILED.with("current_version", current),
            UpdateBucketError::Db(error) => error.into(),
        }
    }
}

/// Changes a bucket. New times of keeping count at once for what waits there already.
#[utoipa::path(operation_id = "update_bucket", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path), IfMatchHeader), request_body = UpdateBucketRequest,
    responses((status = 200, body = BucketView)))]
#[patch("/v1/buckets/{name}")]
pub(super) async fn update_bucket(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    request: HttpRequest,
    seen: IfMatch,
    body: ValidJson<UpdateBucketRequest>,
) -> Result<HttpResponse, Problem> {
    let name = place::bucket(&request)?;
    let (change, seen) = (UpdateBucket::from(body.into_inner()), seen.version());
    app.change("files.update_bucket", &caller, move |tx| {
        files::update_bucket(tx, &name, &change, seen).map(BucketView::from)
    })
    .await
}
