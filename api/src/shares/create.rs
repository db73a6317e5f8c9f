//! `POST /v1/shares`

use super::view::{NewShareView, ShareView};
use crate::{
    app::App,
    auth::problems::weak_password,
    extract::{Once, ValidJson, Verified},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use auth::Password;
use chrono::{DateTime, Utc};
use files::BucketName;
use garde::Validate;
use kernel::{ids::FileId, permission::FilesWrite, secrets::Secret};
use serde::Deserialize;
use shares::{CreateShareError, NewShare, ShareMode};
use utoipa::ToSchema;

/// A link to be made: of a file, or of a folder of a bucket.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateShareRequest {
    /// The file it shows, wherever it is moved to.
    #[garde(skip)]
    file_id: Option<FileId>,
    /// Or the bucket of the folder it shows.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    bucket: Option<BucketName>,
    /// The folder in the bucket; the whole bucket if missing or empty.
    #[garde(skip)]
    #[schema(example = "contracts/2026/")]
    prefix: Option<String>,
    /// What visitors may do: `view` what a browser can show safely, `download`, or only `upload` (folders only).
    #[garde(skip)]
    mode: ShareMode,
    /// What visitors must know: as strong as a person's password, since it is all that a stranger with the link has to guess.
    #[garde(skip)]
    #[schema(value_type = Option<String>, min_length = 8, max_length = 128)]
    password: Option<Secret>,
    /// Until when it works; for ever, if missing.
    #[garde(skip)]
    expires_at: Option<DateTime<Utc>>,
    /// How many downloads it allows; any number, if missing. Not for `upload`.
    #[garde(range(min = 1, max = 1_000_000))]
    #[schema(minimum = 1, maximum = 1_000_000)]
    max_downloads: Option<i32>,
}

impl From<CreateShareError> for Problem {
    fn from(error: CreateShareError) -> Self {
        let wrong =
            |at: &str, code, en: &str, zh: &str| edge::VALIDATION_FAILED.error(FieldError::new(at, code, en, zh));
        match error {
            CreateShareError::NotFound => edge::NOT_FOUND.into(),
            CreateShareError::MalformedPrefix => wrong(
                "/prefix",
                "invalid",
                "must be a folder such as contracts/2026/",
                "须为文件夹路径，例如 合同/2026/",
            ),
            CreateShareError::UploadNeedsFolder => {
                wrong("/mode", "invalid", "upload needs a folder instead of a file", "upload 模式只能用于文件夹")
            }
            CreateShareError::UploadCountsNoDownloads => {
                wrong("/max_downloads", "invalid", "does not go with upload", "不能与 upload 模式同时使用")
            }
            CreateShareError::NotPreviewable { .. } => wrong(
                "/mode",
                "not_previewable",
                "a browser cannot show this type of file safely; use download",
                "浏览器无法安全显示此类型的文件，请使用 download",
            ),
            CreateShareError::ExpiryPassed => wrong("/expires_at", "passed", "lies in the past", "已是过去的时间"),
            CreateShareError::Secret(error) => Self::internal(&error),
            CreateShareError::Db(error) => error.into(),
        }
    }
}

impl CreateShareRequest {
    fn target(&self) -> Result<NewShare, Problem> {
        match (self.file_id, &self.bucket, &self.prefix) {
            (Some(file), None, None) => Ok(NewShare::File(file)),
            (None, Some(bucket), prefix) => {
                Ok(NewShare::Folder { bucket: bucket.as_str().to_owned(), prefix: prefix.clone().unwrap_or_default() })
            }
            _ => {
                let (en, zh) = (
                    "name either file_id, or bucket and perhaps prefix",
                    "请指定 file_id，或 bucket（可加 prefix），二者择一",
                );
                Err(edge::VALIDATION_FAILED.error(FieldError::new("/file_id", "required", en, zh)))
            }
        }
    }
}

/// Makes a share link. Its `token` and `url` are shown this once.
///
/// Needs a verified e-mail address.
#[utoipa::path(operation_id = "create_share", tag = "shares", security(("bearer" = ["files:write"])),
    request_body = CreateShareRequest, responses((status = 201, body = NewShareView)))]
#[post("/v1/shares")]
pub(super) async fn create_share(
    app: Data<App>,
    caller: Verified<FilesWrite>,
    once: Once,
    body: ValidJson<CreateShareRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = shares::CreateShare {
        target: body.target()?,
        mode: body.mode,
        password_hash: hash(&app, body.password.as_ref()).await?,
        expires_at: body.expires_at,
        max_downloads: body.max_downloads,
    };
    let base = app.public_url.as_str().trim_end_matches('/').to_owned();
    app.write_secret("shares.create", &caller, (&once, StatusCode::CREATED), move |tx| {
        let (share, token) = shares::create_share(tx, &command)?;
        let token = token.text.expose().clone();
        let url = format!("{base}/s/{token}");
        Ok::<_, CreateShareError>(NewShareView { share: ShareView::at(share, tx.now()), token, url })
    })
    .await
}

async fn hash(app: &App, password: Option<&Secret>) -> Result<Option<String>, Problem> {
    let Some(text) = password else { return Ok(None) };
    let password = Password::chosen(text.expose(), &[]).map_err(weak_password)?;
    Ok(Some(app.authority.hasher.hash(&password).await?))
}
