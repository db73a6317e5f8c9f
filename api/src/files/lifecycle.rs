//! `GET` and `PUT /v1/buckets/{name}/lifecycle`, `POST /v1/buckets/{name}/lifecycle/preview`

use super::{
    place,
    rules::{folder, is_folder},
};
use crate::{
    answer::Versioned,
    app::App,
    extract::{Allowed, IfMatch, IfMatchHeader, ValidJson},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, get, post, put, web::Data};
use files::{Bucket, LifecyclePreview, LifecycleRule, UpdateBucketError};
use garde::Validate;
use kernel::permission::{FilesRead, FilesWrite};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The longest that an upload may wait.
const MOST_UPLOAD_DAYS: i32 = 7;

/// What a rule does.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// Files not changed for `days` go to the trash.
    Trash,
    /// Files not changed for `days` are deleted for good, unless they are held.
    Expire,
    /// Of a file's older versions, only `versions` are kept.
    KeepVersions,
    /// Presigned and resumable uploads wait `days` for their bytes, at most 7, instead of one day.
    AbortUploads,
}

/// A rule that runs every day.
#[derive(Debug, Clone, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RuleBody {
    /// What it does.
    #[garde(custom(has_its_number(self.days, self.versions)))]
    action: Action,
    /// The folder where; empty for the whole bucket.
    #[garde(custom(is_folder))]
    #[serde(default)]
    folder: String,
    /// Days since the last change, for `trash` and `expire`; since the beginning, for `abort_uploads`.
    #[garde(range(min = 1, max = 3650))]
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<i32>,
    /// Older versions kept, for `keep_versions`.
    #[garde(range(min = 0, max = 10_000))]
    #[serde(skip_serializing_if = "Option::is_none")]
    versions: Option<i32>,
}

/// A rule of days has days, and one of versions has versions.
fn has_its_number(days: Option<i32>, versions: Option<i32>) -> impl FnOnce(&Action, &()) -> garde::Result {
    move |action, ()| match (action, days, versions) {
        (Action::Trash | Action::Expire, Some(_), None)
        | (Action::KeepVersions, None, Some(_))
        | (Action::AbortUploads, Some(..=MOST_UPLOAD_DAYS), None) => Ok(()),
        _ => Err(garde::Error::new(
            "trash and expire need days, abort_uploads needs at most 7 of them, keep_versions needs versions, and nothing else",
        )),
    }
}

impl From<RuleBody> for LifecycleRule {
    fn from(body: RuleBody) -> Self {
        let folder = folder(&body.folder);
        let (days, versions) = (body.days.unwrap_or_default(), body.versions.unwrap_or_default());
        match body.action {
            Action::Trash => Self::Trash { folder, days },
            Action::Expire => Self::Expire { folder, days },
            Action::KeepVersions => Self::KeepVersions { folder, versions },
            Action::AbortUploads => Self::AbortUploads { folder, days },
        }
    }
}

impl From<LifecycleRule> for RuleBody {
    fn from(rule: LifecycleRule) -> Self {
        let (action, folder, days, versions) = match rule {
            LifecycleRule::Trash { folder, days } => (Action::Trash, folder, Some(days), None),
            LifecycleRule::Expire { folder, days } => (Action::Expire, folder, Some(days), None),
            LifecycleRule::KeepVersions { folder, versions } => (Action::KeepVersions, folder, None, Some(versions)),
            LifecycleRule::AbortUploads { folder, days } => (Action::AbortUploads, folder, Some(days), None),
        };
        Self { action, folder, days, versions }
    }
}

/// The rules of a bucket.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct LifecycleRequest {
    /// In the order in which they run.
    #[garde(length(max = 20), dive)]
    rules: Vec<RuleBody>,
}

impl LifecycleRequest {
    fn rules(self) -> Vec<LifecycleRule> {
        self.rules.into_iter().map(LifecycleRule::from).collect()
    }
}

/// The rules of a bucket.
#[derive(Debug, Serialize, ToSchema)]
struct LifecycleView {
    /// In the order in which they run, every day.
    rules: Vec<RuleBody>,
    /// Counts changes of the bucket, from 1.
    version: i64,
}

impl Versioned for LifecycleView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<Bucket> for LifecycleView {
    fn from(bucket: Bucket) -> Self {
        Self { rules: bucket.lifecycle().into_iter().map(RuleBody::from).collect(), version: bucket.revision }
    }
}

/// What a rule would do now.
#[derive(Debug, Serialize, ToSchema)]
struct RulePreviewView {
    /// The rule.
    rule: RuleBody,
    /// Files, or uploads, it would touch.
    files: i64,
    /// Bytes that would go to the trash or come free.
    bytes: i64,
    /// Paths of the first ten of them.
    paths: Vec<String>,
}

impl From<LifecyclePreview> for RulePreviewView {
    fn from(preview: LifecyclePreview) -> Self {
        let LifecyclePreview { rule, files, bytes, paths } = preview;
        Self { rule: rule.into(), files, bytes, paths }
    }
}

/// What rules would do now.
#[derive(Debug, Serialize, ToSchema)]
struct LifecyclePreviewView {
    /// One for each rule, each as if it ran alone.
    rules: Vec<RulePreviewView>,
}

/// Shows a bucket's rules.
#[utoipa::path(operation_id = "get_lifecycle", tag = "files", security(("bearer" = ["files:read"])),
    params(("name" = String, Path)), responses((status = 200, body = LifecycleView)))]
#[get("/v1/buckets/{name}/lifecycle")]
pub(super) async fn get_lifecycle(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let name = place::bucket(&request)?;
    app.change("files.find_lifecycle", &caller, move |tx| {
        let bucket = files::find_bucket(tx, &name)?.ok_or(UpdateBucketError::NotFound)?;
        Ok::<_, UpdateBucketError>(LifecycleView::from(bucket))
    })
    .await
}

/// Gives a bucket new rules in place of those it has. They run for the first time within minutes, then every day.
#[utoipa::path(operation_id = "set_lifecycle", tag = "files", security(("bearer" = ["files:write"])),
    params(("name" = String, Path), IfMatchHeader), request_body = LifecycleRequest,
    responses((status = 200, body = LifecycleView)))]
#[put("/v1/buckets/{name}/lifecycle")]
pub(super) async fn set_lifecycle(
    app: Data<App>,
    caller: Allowed<FilesWrite>,
    request: HttpRequest,
    seen: IfMatch,
    body: ValidJson<LifecycleRequest>,
) -> Result<HttpResponse, Problem> {
    let name = place::bucket(&request)?;
    let (rules, seen) = (body.into_inner().rules(), seen.version());
    app.change("files.set_lifecycle", &caller, move |tx| {
        files::set_lifecycle(tx, &name, &rules, seen).map(LifecycleView::from)
    })
    .await
}

/// Tells what rules would do if they ran now. Changes nothing.
#[utoipa::path(operation_id = "preview_lifecycle", tag = "files", security(("bearer" = ["files:read"])),
    params(("name" = String, Path)), request_body = LifecycleRequest,
    responses((status = 200, body = LifecyclePreviewView)))]
#[post("/v1/buckets/{name}/lifecycle/preview")]
pub(super) async fn preview_lifecycle(
    app: Data<App>,
    caller: Allowed<FilesRead>,
    request: HttpRequest,
    body: ValidJson<LifecycleRequest>,
) -> Result<HttpResponse, Problem> {
    let (name, rules) = (place::bucket(&request)?, body.into_inner().rules());
    app.read("files.preview_lifecycle", &caller, move |tx| {
        let rules = files::preview_lifecycle(tx, &name, &rules)?.into_iter().map(RulePreviewView::from).collect();
        Ok::<_, UpdateBucketError>(LifecyclePreviewView { rules })
    })
    .await
}
