//! Sends invitations by mail.

use auth::{
    Authority,
    throttle::{self, Key, MAIL, Throttled},
};
use db::{DbError, TenantTx};
use kernel::ids::{InvitationId, UserId};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;
use tenants::{Grantor, Invitation, Invite, InviteError, MemberRole, NewToken};

/// Why an invitation was not sent out.
#[derive(Debug, thiserror::Error)]
pub enum SendInvitationError {
    /// The firm's rules.
    #[error(transparent)]
    Invite(#[from] InviteError),
    /// The address was sent too many invitations, by whichever firms.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Invites somebody, with a mail that carries the one-time link.
pub fn invite(
    tx: &mut TenantTx<'_>,
    authority: &Authority,
    command: &Invite,
) -> Result<Invitation, SendInvitationError> {
    let (invitation, token) = tenants::invite(tx, command)?;
    mail(tx, authority, &invitation, &token)?;
    Ok(invitation)
}

/// Sends an invitation again, with a new link; the old one is dead.
pub fn resend_invitation(
    tx: &mut TenantTx<'_>,
    authority: &Authority,
    id: InvitationId,
    by: Grantor,
) -> Result<Invitation, SendInvitationError> {
    let (invitation, token) = tenants::renew_invitation(tx, id, by)?;
    mail(tx, authority, &invitation, &token)?;
    Ok(invitation)
}

fn mail(
    tx: &mut TenantTx<'_>,
    authority: &Authority,
    invitation: &Invitation,
    token: &NewToken,
) -> Result<(), SendInvitationError> {
    let key = Key::of(&["invitation", &invitation.email]);
    tx.in_auth(|tx| throttle::charge(tx, &key, &MAIL))??;
    let mail = NewMail {
        to: invitation.email.clone(),
        template: Template::Invitation,
        locale: invitation.locale,
        params: json!({
            "link": authority.link("accept-invitation", &token.text),
            "firm": tenants::find(tx)?.name,
            "inviter": inviter(tx, invitation.invited_by)?,
            "role": role_name(tx, invitation.role)?,
        }),
        dedupe_key: None,
    };
    Ok(queue_mail(tx, &mail)?)
}

/// What people call a role.
pub(crate) fn role_name(tx: &mut TenantTx<'_>, role: MemberRole) -> Result<String, DbError> {
    Ok(match role {
        MemberRole::BuiltIn(role) => role.to_string(),
        MemberRole::Own(id) => tenants::find_own_role(tx, id)?.map(|role| role.name).unwrap_or_default(),
    })
}

fn inviter(tx: &mut TenantTx<'_>, user: UserId) -> Result<String, DbError> {
    let person = tx.in_auth(|tx| auth::find_person(tx, user))?;
    Ok(person.map(|person| person.display_name).unwrap_or_default())
}
