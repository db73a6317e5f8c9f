//! `POST /v1/auth/step-up`

use crate::{
    answer,
    app::App,
    extract::{SignedIn, ValidJson},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, post, web::Data};
use auth::{Password, StepUp};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// A password or a code, not both.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct StepUpRequest {
    /// The person's password.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    password: Option<Secret>,
    /// Six digits of the authenticator, or a recovery code.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    code: Option<Secret>,
}

/// Marks the session as one whose person has just shown who they are, for five minutes.
///
/// What is worth stealing a session for asks for it: money, keys, members, the second factor.
#[utoipa::path(operation_id = "step_up", tag = "auth", security(("person" = [])), request_body = StepUpRequest,
    responses((status = 204)))]
#[post("/v1/auth/step-up")]
pub(super) async fn step_up(
    app: Data<App>,
    caller: SignedIn,
    body: ValidJson<StepUpRequest>,
) -> Result<HttpResponse, Problem> {
    let command = match body.into_inner() {
        StepUpRequest { password: Some(password), code: None } => {
            StepUp::Password(Password::entered(password.expose()))
        }
        StepUpRequest { password: None, code: Some(code) } => StepUp::Code(code),
        StepUpRequest { .. } => {
            let error =
                FieldError::new("", "password_or_code", "a password or a code, not both", "请提供密码或验证码之一");
            return Err(edge::VALIDATION_FAILED.error(error));
        }
    };
    auth::step_up(&app.db, &app.authority, caller.principal(), &command).await?;
    Ok(answer::nothing())
}
