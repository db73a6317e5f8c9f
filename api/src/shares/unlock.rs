//! `POST /s/{token}`

use super::{
    carrier::{enter_cookie, token_text, visitor, wants_page},
    page,
    problems::SHARE_PASSWORD_WRONG,
};
use crate::{
    app::App,
    extract::read_body,
    problem::{FieldError, Problem, edge},
};
use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    http::header,
    post,
    web::{Data, Payload},
};
use kernel::secrets::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bytes of the longest body.
const LONGEST: usize = 4096;

/// The password of a link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UnlockShareRequest {
    /// As whoever sent the link has told it.
    #[schema(value_type = String, max_length = 128)]
    password: Secret,
}

/// What a right password gives.
#[derive(Debug, Serialize, ToSchema)]
struct UnlockedShareView {
    /// To be shown with later requests as `Authorization: Share <pass>`; a browser gets it as a cookie.
    pass: String,
    /// Seconds it is good for.
    expires_in: i64,
}

/// Shows a link's password. Programs send JSON and get a pass; a page's form gets a cookie and is sent back to the link.
#[utoipa::path(operation_id = "unlock_share", tag = "shares", params(("token" = String, Path)),
    request_body(content((UnlockShareRequest = "application/json"),
        (UnlockShareRequest = "application/x-www-form-urlencoded"))),
    responses((status = 200, body = UnlockedShareView), (status = 303, description = "Back to the page")))]
#[post("/s/{token}")]
pub(super) async fn unlock_share(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let visitor = visitor(&request);
    let body = read_body(&request, &mut payload.into_inner(), LONGEST).await;
    let answer = match (visitor, body) {
        (Ok(visitor), Ok(body)) => unlock(&app, &request, (&visitor, &body)).await,
        (Err(problem), _) | (_, Err(problem)) => Err(problem),
    };
    match answer {
        Err(problem) if wants_page(&request) => {
            let again = [SHARE_PASSWORD_WRONG, edge::TOO_MANY_REQUESTS, edge::VALIDATION_FAILED];
            let again = again.iter().any(|kind| kind.code == problem.kind().code);
            if again { Ok(page::of_lock(&request, Some(&problem))) } else { page::for_people(&request, Err(problem)) }
        }
        answer => answer,
    }
}

async fn unlock(
    app: &App,
    request: &HttpRequest,
    (visitor, body): (&shares::Visitor, &[u8]),
) -> Result<HttpResponse, Problem> {
    let password = password(request, body)?;
    let keys = (&app.authority.hasher, &app.master_key);
    let unlocked = shares::unlock(&app.db, keys, visitor, password.expose()).await?;
    let token = token_text(request).unwrap_or_default();
    let cookie = enter_cookie(app, token, &unlocked.pass, unlocked.expires_in);
    if wants_page(request) {
        let back = (header::LOCATION, format!("/s/{token}"));
        return Ok(HttpResponse::SeeOther().insert_header(back).cookie(cookie).finish());
    }
    let view = UnlockedShareView { pass: unlocked.pass.expose().clone(), expires_in: unlocked.expires_in };
    Ok(HttpResponse::Ok().cookie(cookie).json(view))
}

fn password(request: &HttpRequest, body: &[u8]) -> Result<Secret, Problem> {
    let read: Option<UnlockShareRequest> = match request.content_type() {
        "application/json" => serde_json::from_slice(body).ok(),
        "application/x-www-form-urlencoded" => serde_urlencoded::from_bytes(body).ok(),
        _ => return Err(edge::UNSUPPORTED_MEDIA_TYPE.into()),
    };
    let required = || FieldError::new("/password", "required", "is required", "为必填项");
    read.map(|body| body.password).ok_or_else(|| edge::VALIDATION_FAILED.error(required()))
}
