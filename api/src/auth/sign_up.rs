//! `POST /v1/auth/sign-up`

use super::{
    Carrier, Origin, problems,
    rules::{is_email, is_name, is_time_zone_if_given, time_zone},
    view::{TokensView, UserView},
};
use crate::{
    app::App,
    extract::ValidJson,
    me::consent::{ConsentBody, accepted},
    problem::{FieldError, Problem, edge},
    tenants::view::TenantView,
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use auth::Document;
use garde::Validate;
use kernel::secrets::Secret;
use onboarding::{SignUp, SignUpError, SignedUp};
use serde::{Deserialize, Serialize};
use tenants::Locale;
use utoipa::ToSchema;

/// A person and their firm.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignUpRequest {
    /// The person's address; must not have an account.
    #[garde(custom(is_email))]
    #[schema(format = "email", max_length = 254)]
    email: String,
    /// 8 to 128 characters, not easy to guess.
    #[garde(skip)]
    #[schema(value_type = String, min_length = 8, max_length = 128)]
    password: Secret,
    /// What the person is called.
    #[garde(custom(is_name))]
    #[schema(min_length = 1, max_length = 200)]
    display_name: String,
    /// What the firm is called.
    #[garde(custom(is_name))]
    #[schema(min_length = 1, max_length = 200)]
    company_name: String,
    /// Language of mails and pages; zh-CN if missing.
    #[garde(skip)]
    locale: Option<Locale>,
    /// IANA name; Asia/Shanghai if missing.
    #[garde(custom(is_time_zone_if_given))]
    #[schema(example = "Asia/Shanghai")]
    time_zone: Option<String>,
    /// What the person accepts; the terms and the privacy policy in force if missing.
    #[garde(dive)]
    consents: Option<Vec<ConsentBody>>,
}

/// A person with a firm, signed in.
#[derive(Debug, Serialize, ToSchema)]
struct SignedUpView {
    /// The firm.
    tenant: TenantView,
    /// The person, its owner.
    user: UserView,
    #[serde(flatten)]
    tokens: TokensView,
}

impl SignedUpView {
    fn new(signed_up: SignedUp, carrier: Carrier) -> Self {
        let tokens = TokensView::new(&signed_up.tokens, carrier);
        Self { tenant: signed_up.tenant.into(), user: signed_up.person.into(), tokens }
    }
}

impl From<SignUpError> for Problem {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::EmailTaken => problems::EMAIL_TAKEN.into(),
            SignUpError::WeakPassword(error) => problems::weak_password(error),
            SignUpError::Throttled(error) => error.into(),
            SignUpError::Hash(error) => error.into(),
            SignUpError::Sign(error) => error.into(),
            SignUpError::Db(error) => error.into(),
        }
    }
}

/// Signs a person up with a firm of their own.
///
/// Person, firm, ownership and the free plan come into being together. A mail with a link asks to verify the address; until
/// then the firm can be set up, but nothing published or sold.
#[utoipa::path(operation_id = "sign_up", tag = "auth", request_body = SignUpRequest,
    params(("X-Session" = Option<String>, Header, description = "`cookie` keeps the refresh token in a cookie")),
    responses((status = 201, body = SignedUpView)))]
#[post("/v1/auth/sign-up")]
pub(super) async fn sign_up(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<SignUpRequest>,
) -> Result<HttpResponse, Problem> {
    let (carrier, origin, body) = (Carrier::of(&request, &app)?, Origin::of(&request), body.into_inner());
    let command = SignUp {
        email: body.email.parse().map_err(|_| invalid_email())?,
        password: body.password,
        display_name: body.display_name.trim().to_owned(),
        company_name: body.company_name.trim().to_owned(),
        locale: body.locale.unwrap_or(Locale::ZhCn),
        time_zone: time_zone(body.time_zone.as_deref()).unwrap_or(chrono_tz::Asia::Shanghai),
        consents: body.consents.as_deref().map_or_else(|| Ok(Document::ALL.to_vec()), accepted)?,
        user_agent: origin.user_agent,
    };
    let signed_up = onboarding::sign_up(&app.db, &app.authority, &command, origin.meta).await?;
    let token = signed_up.tokens.refresh_token.clone();
    Ok(carrier.answer(StatusCode::CREATED, &SignedUpView::new(signed_up, carrier), Some(&token)))
}

/// For what validation has let through and the domain refuses, which does not happen.
pub(crate) fn invalid_email() -> Problem {
    edge::VALIDATION_FAILED.error(FieldError::new("/email", "invalid_email", "not a valid email", "邮箱地址无效"))
}
