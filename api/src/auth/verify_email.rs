//! `POST /v1/auth/verify-email`

use super::{Origin, problems, view::UserView};
use crate::{answer, app::App, extract::ValidJson, problem::Problem};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::VerifyEmailError;
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// What the link carried.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyEmailRequest {
    /// The token of the link.
    #[garde(skip)]
    #[schema(value_type = String)]
    token: Secret,
}

impl From<VerifyEmailError> for Problem {
    fn from(error: VerifyEmailError) -> Self {
        match error {
            VerifyEmailError::Invalid => problems::LINK_INVALID.into(),
            VerifyEmailError::EmailTaken => problems::EMAIL_TAKEN.into(),
            VerifyEmailError::Db(error) => error.into(),
        }
    }
}

/// Verifies an e-mail address by the token that was mailed to it: the person's, or the one they want instead.
///
/// It counts at once, for tokens already issued too. The link works once, for a day.
#[utoipa::path(operation_id = "verify_email", tag = "auth", request_body = VerifyEmailRequest,
    responses((status = 200, body = UserView)))]
#[post("/v1/auth/verify-email")]
pub(super) async fn verify_email(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<VerifyEmailRequest>,
) -> Result<HttpResponse, Problem> {
    let person = auth::verify_email(&app.db, body.into_inner().token.expose(), Origin::of(&request).meta).await?;
    Ok(answer::json(StatusCode::OK, &UserView::from(person)))
}
