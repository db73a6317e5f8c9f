//! `POST /v1/invitations/accept`

use super::{
    problems,
    view::{MemberView, TenantSummary},
};
use crate::{
    app::App,
    auth::{
        Carrier, Origin,
        problems::weak_password,
        rules::is_name_if_given,
        view::{TokensView, UserView},
    },
    extract::ValidJson,
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::secrets::Secret;
use onboarding::{AcceptInvitation, AcceptInvitationError, Accepted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody who was invited.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptInvitationRequest {
    /// The token of the link.
    #[garde(skip)]
    #[schema(value_type = String)]
    token: Secret,
    /// A password of 8 to 128 characters, for somebody without an account.
    #[garde(skip)]
    #[schema(value_type = Option<String>)]
    password: Option<Secret>,
    /// What they are called, for somebody without an account.
    #[garde(custom(is_name_if_given))]
    display_name: Option<String>,
}

/// A new member. Tokens come only with a new account; everybody else logs in as ever.
#[derive(Debug, Serialize, ToSchema)]
struct AcceptedView {
    /// The firm.
    tenant: TenantSummary,
    /// The person.
    user: UserView,
    /// Their membership.
    member: MemberView,
    /// With a new account: for `Authorization: Bearer`.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// With a new account: for `POST /v1/auth/refresh`, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// With a new account: seconds the access token lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
}

impl AcceptedView {
    fn new(accepted: Accepted, carrier: Carrier) -> Self {
        let tokens = accepted.tokens.map(|tokens| TokensView::new(&tokens, carrier));
        let expires_in = tokens.as_ref().map(|tokens| tokens.expires_in);
        let (access_token, refresh_token) = tokens.map(|tokens| (tokens.access_token, tokens.refresh_token)).unzip();
        Self {
            tenant: (&accepted.tenant).into(),
            user: accepted.person.into(),
            member: accepted.member.into(),
            access_token,
            refresh_token: refresh_token.flatten(),
            expires_in,
        }
    }
}

impl From<AcceptInvitationError> for Problem {
    fn from(error: AcceptInvitationError) -> Self {
        match error {
            AcceptInvitationError::Invalid => problems::INVITATION_INVALID.into(),
            AcceptInvitationError::PasswordNeeded => {
                edge::VALIDATION_FAILED.error(FieldError::new("/password", "required", "is required", "为必填项"))
            }
            AcceptInvitationError::NotVerified => problems::ACCOUNT_NOT_VERIFIED.into(),
            AcceptInvitationError::LimitReached { maximum } => problems::MEMBER_LIMIT_REACHED.with("maximum", maximum),
            AcceptInvitationError::WeakPassword(error) => weak_password(error),
            AcceptInvitationError::Hash(error) => error.into(),
            AcceptInvitationError::Sign(error) => error.into(),
            AcceptInvitationError::Db(error) => error.into(),
        }
    }
}

/// Makes somebody a member by the token that was mailed to them.
#[utoipa::path(operation_id = "accept_invitation", tag = "tenants", request_body = AcceptInvitationRequest,
    params(("X-Session" = Option<String>, Header, description = "`cookie` keeps the refresh token in a cookie")),
    responses((status = 200, body = AcceptedView)))]
#[post("/v1/invitations/accept")]
pub(super) async fn accept_invitation(
    app: Data<App>,
    request: HttpRequest,
    body: ValidJson<AcceptInvitationRequest>,
) -> Result<HttpResponse, Problem> {
    let (carrier, origin, body) = (Carrier::of(&request, &app)?, Origin::of(&request), body.into_inner());
    let command = AcceptInvitation {
        token: body.token,
        password: body.password,
        display_name: body.display_name.map(|name| name.trim().to_owned()),
        user_agent: origin.user_agent,
    };
    let accepted = onboarding::accept_invitation(&app.db, &app.authority, &command, origin.meta).await?;
    let token = accepted.tokens.as_ref().map(|tokens| tokens.refresh_token.clone());
    Ok(carrier.answer(StatusCode::OK, &AcceptedView::new(accepted, carrier), token.as_ref()))
}
