//! `POST /v1/me/password`

use crate::{
    answer,
    app::App,
    extract::{SignedIn, ValidJson},
    problem::Problem,
};
use actix_web::{HttpResponse, post, web::Data};
use auth::{ChangePasswordError, Password};
use garde::Validate;
use kernel::secrets::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

/// The present password and another one.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePasswordRequest {
    /// The present password.
    #[garde(skip)]
    #[schema(value_type = String)]
    current_password: Secret,
    /// 8 to 128 characters, not easy to guess.
    #[garde(skip)]
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    password: Secret,
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Proof(error) => error.into(),
            ChangePasswordError::Choose(error) => error.into(),
            ChangePasswordError::Db(error) => error.into(),
        }
    }
}

/// Changes the signed-in person's password. All their other sessions end.
#[utoipa::path(operation_id = "change_password", tag = "me", security(("person" = [])),
    request_body = ChangePasswordRequest, responses((status = 204)))]
#[post("/v1/me/password")]
pub(super) async fn change_password(
    app: Data<App>,
    caller: SignedIn,
    body: ValidJson<ChangePasswordRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let present = Password::entered(body.current_password.expose());
    let passwords = (present.as_ref(), &body.password);
    auth::change_password(&app.db, &app.authority, caller.principal(), passwords).await?;
    Ok(answer::nothing())
}
