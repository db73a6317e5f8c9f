//! `POST /v1/buckets`

use super::view::BucketView;
use crate::{
    app::App,
    extract::{Allowed, Once, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use files::{BucketName, Visibility};
use garde::Validate;
use kernel::permission::FilesWrite;
use serde::Deserialize;
use utoipa::ToSchema;

/// A bucket to be made.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBucket {
    /// 3 to 63 lower-case letters, digits and inner hyphens, unique in the firm.
    #[garde(skip)]
    #[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")]
    name: BucketName,
    /// Who may read its files; `private` if nothing is said.
    #[garde(skip)]
    visibility: Option<Visibility>,
    /// Bytes of the largest file it takes.
    #[garde(range(min = 1))]
    max_object_bytes: Option<i64>,
    /// Media types it takes, such as `image/png` or `image/*`; all if there is none.
    #[garde(length(max = 50), inner(custom(media_type)))]
    #[serde(default)]
    allowed_types: Vec<String>,
}

/// `type/subtype` or `type/*`, in lower case and without parameters.
pub(super) fn media_type(text: &str, _: &()) -> garde::Result {
    let token = |part: &str| {
        (1..=100).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$&^_.+-".contains(&b))
    };
    match text.split_once('/') {
        Some((kind, subtype)) if token(kind) && (subtype == "*" || token(subtype)) => Ok(()),
        _ => Err(garde::Error::new("must be a media type such as image/png or image/*")),
    }
}

impl From<CreateBucket> for files::CreateBucket {
    fn from(body: CreateBucket) -> Self {
        Self {
            name: body.name,
            visibility: body.visibility.unwrap_or(Visibility::Private),
            max_object_bytes: body.max_object_bytes,
            allowed_types: body.allowed_types,
        }
    }
}

/// Makes a bucket.
#[utoipa::path(operation_id = "create_bucket", tag = "files", security(("bearer" = ["files:write"])),
    request_body = CreateBucket, responses((status = 201, body = BucketView)))]
#[post("/v1/buckets")]
pub(super) async fn create_bucket(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: Once,
    body: ValidJson<CreateBucket>,
) -> Result<HttpResponse, Problem> {
    let command = files::CreateBucket::from(body.into_inner());
    app.write("files.create_bucket", &caller, (&once, StatusCode::CREATED), move |tx| {
        files::create_bucket(tx, &command).map(BucketView::from)
    })
    .await
}
