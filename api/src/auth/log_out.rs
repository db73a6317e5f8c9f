//! `POST /v1/auth/log-out`

use super::Origin;
use crate::{
    answer,
    app::App,
    extract::{SignedIn, ValidJson, is_bodiless},
    problem::Problem,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, post, web::Data};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// Which session ends.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogOutRequest {
    /// A refresh token of the session; a signed-in person may leave the whole body out.
    #[garde(skip)]
    #[schema(value_type = String)]
    refresh_token: Secret,
}

/// Ends a session: its access and refresh tokens stop working at once.
#[utoipa::path(operation_id = "log_out", tag = "auth", request_body = LogOutRequest, responses((status = 204)))]
#[post("/v1/auth/log-out")]
pub(super) async fn log_out(
    app: Data<App>,
    request: HttpRequest,
    body: Result<ValidJson<LogOutRequest>, Problem>,
) -> Result<HttpResponse, Problem> {
    match body {
        Ok(body) => {
            auth::log_out(&app.db, body.into_inner().refresh_token.expose(), Origin::of(&request).meta).await?;
        }
        Err(_) if is_bodiless(&request) => {
            let caller = SignedIn::extract(&request).await?;
            auth::end_session(&app.db, caller.principal()).await?;
        }
        Err(problem) => return Err(problem),
    }
    Ok(answer::nothing())
}
