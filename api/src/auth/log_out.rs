//! `POST /v1/auth/log-out`

use super::{Carrier, Origin, carrier::no_cookie};
use crate::{
    app::App,
    extract::{SignedIn, ValidJson, is_bodiless},
    problem::Problem,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, post, web::Data};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// What a browser forgets: not "cookies", which would take those of neighbouring hosts too.
const CLEAR: &str = r#""cache", "storage""#;

/// Which session ends.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct LogOutRequest {
    /// A refresh token of the session; a signed-in person, or a browser that keeps it in a
    /// cookie, may leave the whole body out.
    #[garde(skip)]
    #[schema(value_type = String)]
    refresh_token: Secret,
}

/// Ends a session: its access and refresh tokens stop working at once.
#[utoipa::path(operation_id = "log_out", tag = "auth", request_body = LogOutRequest,
    params(("X-Session" = Option<String>, Header, description = "`cookie` ends the session of the cookie")),
    responses((status = 204)))]
#[post("/v1/auth/log-out")]
pub(super) async fn log_out(
    app: Data<App>,
    request: HttpRequest,
    body: Result<ValidJson<LogOutRequest>, Problem>,
) -> Result<HttpResponse, Problem> {
    let cookie = match Carrier::of(&request, &app)? {
        Carrier::Cookie => Carrier::token(&request),
        Carrier::Body => None,
    };
    match (body, cookie) {
        (Ok(body), _) => {
            auth::log_out(&app.db, body.into_inner().refresh_token.expose(), Origin::of(&request).meta).await?;
        }
        (Err(_), Some(token)) if is_bodiless(&request) => {
            auth::log_out(&app.db, token.expose(), Origin::of(&request).meta).await?;
        }
        (Err(_), None) if is_bodiless(&request) => {
            let caller = SignedIn::extract(&request).await?;
            auth::end_session(&app.db, caller.principal()).await?;
        }
        (Err(problem), _) => return Err(problem),
    }
    Ok(HttpResponse::NoContent().cookie(no_cookie()).insert_header(("Clear-Site-Data", CLEAR)).finish())
}
