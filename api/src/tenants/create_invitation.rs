//! `POST /v1/invitations`

use super::{problems, roles::unknown_role, view::InvitationView};
use crate::{
    app::App,
    auth::rules::is_email,
    extract::{Once, Person, ValidJson},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, http::StatusCode, post, web::Data};
use garde::Validate;
use kernel::permission::TenantsAdmin;
use onboarding::SendInvitationError;
use serde::Deserialize;
use tenants::{Invite, InviteError, Locale, MemberRole};
use utoipa::ToSchema;

/// Who is to become a member.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateInvitationRequest {
    /// Their address.
    #[garde(custom(is_email))]
    #[schema(format = "email")]
    email: String,
    /// The role they will have.
    #[garde(skip)]
    role: MemberRole,
    /// The language of the mail; the firm's if missing.
    #[garde(skip)]
    locale: Option<Locale>,
}

impl From<InviteError> for Problem {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::AlreadyMember => problems::ALREADY_MEMBER.into(),
            InviteError::AlreadyInvited => problems::ALREADY_INVITED.into(),
            InviteError::UnknownRole => unknown_role(),
            InviteError::NotAllowed => problems::ROLE_NOT_YOURS.into(),
            InviteError::NotFound => edge::NOT_FOUND.into(),
            InviteError::Settled => problems::INVITATION_SETTLED.into(),
            InviteError::Secret(error) => Self::internal(&error),
            InviteError::Db(error) => error.into(),
        }
    }
}

impl From<SendInvitationError> for Problem {
    fn from(error: SendInvitationError) -> Self {
        match error {
            SendInvitationError::Invite(error) => error.into(),
            SendInvitationError::Throttled(error) => error.into(),
            SendInvitationError::Db(error) => error.into(),
        }
    }
}

/// Invites somebody by mail. The link works once, for seven days.
#[utoipa::path(operation_id = "create_invitation", tag = "tenants", security(("person" = ["tenants:admin"])),
    request_body = CreateInvitationRequest, responses((status = 201, body = InvitationView)))]
#[post("/v1/invitations")]
pub(super) async fn create_invitation(
    app: Data<App>,
    caller: Person<TenantsAdmin>,
    once: Once,
    body: ValidJson<CreateInvitationRequest>,
) -> Result<HttpResponse, Problem> {
    let (principal, body) = (caller.principal(), body.into_inner());
    let email = body.email.parse().map_err(|_| {
        edge::VALIDATION_FAILED.error(FieldError::new("/email", "invalid_email", "not a valid email", "邮箱地址无效"))
    })?;
    let command =
        Invite { email, role: body.role, locale: body.locale, by_user: principal.who.user_id, by: principal.grantor() };
    let authority = app.authority.clone();
    app.write("onboarding.invite", &caller, (&once, StatusCode::CREATED), move |tx| {
        let invitation = onboarding::invite(tx, &authority, &command)?;
        Ok::<_, SendInvitationError>(InvitationView::at(invitation, tx.now()))
    })
    .await
}
