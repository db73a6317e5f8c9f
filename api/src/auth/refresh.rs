//! `POST /v1/auth/refresh`

use super::{Carrier, Origin, problems, view::TokensView};
use crate::{
    app::App,
    extract::{ValidJson, is_bodiless},
    problem::Problem,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::RefreshError;
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// What continues a session.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    /// The newest refresh token of the session; a browser that keeps it in a cookie leaves the whole body out.
    #[garde(skip)]
    #[schema(value_type = String)]
    refresh_token: Secret,
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => problems::REFRESH_TOKEN_INVALID.into(),
            RefreshError::Db(error) => error.into(),
        }
    }
}

/// Continues a session with new tokens.
///
/// A refresh token works once. If the answer was lost, the same token gives the same answer for ten seconds; used again later,
/// it ends the session, since somebody else may hold it.
#[utoipa::path(operation_id = "refresh", tag = "auth", request_body = RefreshRequest,
    params(("X-Session" = Option<String>, Header, description = "`cookie` keeps the refresh token in a cookie")),
    responses((status = 200, body = TokensView)))]
#[post("/v1/auth/refresh")]
pub(super) async fn refresh(
    app: Data<App>,
    request: HttpRequest,
    body: Result<ValidJson<RefreshRequest>, Problem>,
) -> Result<HttpResponse, Problem> {
    let carrier = Carrier::of(&request, &app)?;
    let token = match (carrier, body) {
        (Carrier::Cookie, Err(_)) if is_bodiless(&request) => {
            Carrier::token(&request).ok_or_else(|| Problem::new(problems::REFRESH_TOKEN_INVALID))?
        }
        (_, body) => body?.into_inner().refresh_token,
    };
    let tokens = auth::refresh(&app.db, &app.authority, token.expose(), Origin::of(&request).meta).await?;
    Ok(TokensView::answer(&tokens, carrier, StatusCode::OK))
}
