//! `POST /v1/buckets/{name}/uploads`

use super::{place, upload_view::DirectUploadView};
use crate::{
    answer::replayed,
    app::App,
    extract::{Allowed, RequiredKey, RequiredOnce, ValidJson},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, body::MessageBody, http::StatusCode, post, web::Data};
use files::FilePath;
use garde::Validate;
use kernel::{ids::UploadId, permission::FilesWrite};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file that goes to the object store directly.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateUpload {
    /// Where the file will be; a file that is there gets a new version.
    #[garde(skip)]
    #[schema(value_type = String, min_length = 1, max_length = 1024, example = "合同/发票.pdf")]
    path: FilePath,
    /// How many bytes will come.
    #[garde(range(min = 0))]
    size_bytes: i64,
    /// The media type.
    #[garde(length(max = 255), custom(media_type))]
    #[schema(example = "application/pdf")]
    content_type: String,
    /// The SHA-256 of the bytes in hexadecimal. The object store then refuses others.
    #[garde(inner(custom(hex_sha256)))]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: Option<String>,
}

/// What is kept under the key; the addresses are signed anew for each answer.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    upload_id: UploadId,
}

fn media_type(text: &str, _: &()) -> garde::Result {
    let known = text.parse::<mime::Mime>().is_ok() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if known { Ok(()) } else { Err(garde::Error::new("must be a media type such as image/png")) }
}

fn hex_sha256(text: &str, _: &()) -> garde::Result {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 64 && text.bytes().all(lower) {
        Ok(())
    } else {
        Err(garde::Error::new("must be 64 lower-case hexadecimal digits"))
    }
}

impl CreateUpload {
    fn command(self, bucket: String) -> files::CreateUpload {
        let sha256 = self.sha256.and_then(|text| hex::decode(text).ok()).and_then(|hash| hash.try_into().ok());
        files::CreateUpload {
            bucket,
            path: self.path,
            size_bytes: self.size_bytes,
            content_type: self.content_type,
            sha256,
        }
    }
}

/// Begins an upload whose bytes go to the object store directly, under addresses that serve for a quarter of an hour.
///
/// Room for `size_bytes` is reserved until the upload is completed, aborted, or a day has passed (or as many as the bucket's rule
/// `abort_uploads` says). The addresses are bound to
/// the size, the media type and the SHA-256 that are declared here. A repetition with the same key gets new addresses.
#[utoipa::path(operation_id = "create_upload", tag = "files", security(("bearer" = ["files:write"])),
    params(RequiredKey, ("name" = String, Path)), request_body = CreateUpload,
    responses((status = 201, body = DirectUploadView)))]
#[post("/v1/buckets/{name}/uploads")]
pub(super) async fn create_upload(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    once: RequiredOnce,
    request: HttpRequest,
    body: ValidJson<CreateUpload>,
) -> Result<HttpResponse, Problem> {
    let bucket = place::bucket(&request)?;
    let command = body.into_inner().command(bucket.clone());
    let kept = app
        .write("files.create_upload", &caller, (&once, StatusCode::CREATED), move |tx| {
            files::create_upload(tx, &command).map(|upload_id| Begun { upload_id })
        })
        .await?;
    if !kept.status().is_success() {
        return Ok(kept);
    }
    let replayed = replayed(&kept);
    let body = kept.into_body().try_into_bytes().unwrap_or_default();
    let Begun { upload_id } = serde_json::from_slice(&body).map_err(|error| Problem::internal(&error))?;
    let told = files::upload_instructions(&app.db, &app.store, &caller.scope(), &bucket, upload_id).await?;
    let mut answer = HttpResponse::Created();
    for header in replayed {
        answer.insert_header(header);
    }
    Ok(answer.json(DirectUploadView::from(told)))
}
