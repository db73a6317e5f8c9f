//! `PATCH /v1/me`

use crate::{
    answer,
    app::App,
    auth::{rules::is_name_if_given, view::UserView},
    extract::{IfMatch, IfMatchHeader, SignedIn, ValidJson},
    problem::{Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, patch, web::Data};
use auth::{UpdateProfile, UpdateProfileError};
use garde::Validate;
use serde::Deserialize;
use tenants::Locale;
use utoipa::ToSchema;

/// Changes of a person; what is missing stays as it is.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpdateMeRequest {
    /// What the person is called.
    #[garde(custom(is_name_if_given))]
    #[schema(min_length = 1, max_length = 200)]
    display_name: Option<String>,
    /// Language of mails and pages.
    #[garde(skip)]
    locale: Option<Locale>,
}

impl From<UpdateProfileError> for Problem {
    fn from(error: UpdateProfileError) -> Self {
        match error {
            UpdateProfileError::Gone => edge::UNAUTHENTICATED.into(),
            UpdateProfileError::Stale => edge::PRECONDITION_FAILED.into(),
            UpdateProfileError::Db(error) => error.into(),
        }
    }
}

/// Changes the signed-in person's name or language, in all their firms.
#[utoipa::path(operation_id = "update_me", tag = "me", security(("person" = [])), params(IfMatchHeader),
    request_body = UpdateMeRequest, responses((status = 200, body = UserView)))]
#[patch("/v1/me")]
pub(super) async fn update_me(
    app: Data<App>,
    caller: SignedIn,
    seen: IfMatch,
    body: ValidJson<UpdateMeRequest>,
) -> Result<HttpResponse, Problem> {
    let body = body.into_inner();
    let command = UpdateProfile {
        if_version: seen.version(),
        display_name: body.display_name.map(|name| name.trim().to_owned()),
        locale: body.locale,
    };
    let person = auth::update_profile(&app.db, caller.principal(), &command).await?;
    Ok(answer::versioned(StatusCode::OK, &UserView::from(person)))
}
