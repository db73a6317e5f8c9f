//! Sends out, renews and takes back invitations. The mail is onboarding's to queue.

use crate::{
    EmailAddress, Grantor, Invitation, InvitationStatus, Locale, MemberRole, events::MemberInvited, find,
    invitation::LIFETIME, invitation_read::lock, read::is_member, role::allowed_by,
};
use audit::Audited;
use db::{DbError, TenantTx, schema::invitations};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{
    ids::{InvitationId, UserId},
    secrets::{SecretError, TenantToken},
};
use serde_json::json;

/// Invites somebody.
#[derive(Debug, Clone)]
pub struct Invite {
    /// Whom.
    pub email: EmailAddress,
    /// The role they will have.
    pub role: MemberRole,
    /// The language of the mail; the firm's if `None`.
    pub locale: Option<Locale>,
    /// Who invites.
    pub by_user: UserId,
    /// What they may hand out.
    pub by: Grantor,
}

/// The token to be mailed; only its digest is stored.
pub type NewToken = TenantToken;

/// Why an invitation was not sent, renewed or taken back.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// Somebody with this address is a member already.
    #[error("a member already")]
    AlreadyMember,
    /// An open invitation to this address exists.
    #[error("invited already")]
    AlreadyInvited,
    /// The firm has no such role.
    #[error("no such role")]
    UnknownRole,
    /// The role is not theirs to give (INV-T2).
    #[error("this role may not be given by a member with the present role")]
    NotAllowed,
    /// No such invitation in this firm.
    #[error("no such invitation")]
    NotFound,
    /// It was accepted or taken back.
    #[error("the invitation is settled")]
    Settled,
    /// No token could be made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes an invitation. One that expired gives way to it.
pub fn invite(tx: &mut TenantTx<'_>, command: &Invite) -> Result<(Invitation, NewToken), InviteError> {
    demand(tx, command.role, command.by)?;
    if is_member(tx, &command.email)? {
        return Err(InviteError::AlreadyMember);
    }
    retire_expired(tx, &command.email)?;
    let token = TenantToken::generate(tx.tenant())?;
    let invitation = insert(tx, command, &token)?.ok_or(InviteError::AlreadyInvited)?;
    tx.audit("member.invited", invitation.id, json!({ "role": invitation.role }))?;
    tx.emit(&MemberInvited { id: invitation.id, role: invitation.role })?;
    Ok((invitation, token))
}

/// Gives an invitation a new token and seven more days; the old token is dead.
pub fn renew_invitation(
    tx: &mut TenantTx<'_>,
    id: InvitationId,
    by: Grantor,
) -> Result<(Invitation, NewToken), InviteError> {
    let found = lock_unsettled(tx, id)?;
    demand(tx, found.role, by)?;
    let token = TenantToken::generate(tx.tenant())?;
    let renewed = store_token(tx, id, &token)?;
    tx.audit("member.invitation_renewed", id, json!({}))?;
    tx.emit(&MemberInvited { id, role: renewed.role })?;
    Ok((renewed, token))
}

/// Takes an invitation back.
pub fn revoke_invitation(tx: &mut TenantTx<'_>, id: InvitationId, by: Grantor) -> Result<(), InviteError> {
    let found = lock_unsettled(tx, id)?;
    demand(tx, found.role, by)?;
    store_revoked(tx, id)?;
    tx.audit("member.invitation_revoked", id, json!({}))?;
    Ok(())
}

/// The role must exist and be theirs to give. It is not deleted before the transaction ends.
fn demand(tx: &mut TenantTx<'_>, role: MemberRole, by: Grantor) -> Result<(), InviteError> {
    let allows = allowed_by(tx, role)?.ok_or(InviteError::UnknownRole)?;
    if by.may_grant(role, allows) { Ok(()) } else { Err(InviteError::NotAllowed) }
}

fn lock_unsettled(tx: &mut TenantTx<'_>, id: InvitationId) -> Result<Invitation, InviteError> {
    let invitation = lock(tx, id)?.ok_or(InviteError::NotFound)?;
    match invitation.status(tx.now()) {
        InvitationStatus::Open | InvitationStatus::Expired => Ok(invitation),
        InvitationStatus::Accepted | InvitationStatus::Revoked => Err(InviteError::Settled),
    }
}

fn insert(tx: &mut TenantTx<'_>, command: &Invite, token: &TenantToken) -> Result<Option<Invitation>, DbError> {
    let locale = match command.locale {
        Some(locale) => locale,
        None => find(tx)?.locale,
    };
    let row = (
        invitations::id.eq(tx.new_id::<InvitationId>()),
        invitations::email.eq(command.email.as_str()),
        invitations::role.eq(command.role),
        invitations::locale.eq(locale),
        invitations::token_digest.eq(token.digest().to_vec()),
        invitations::invited_by.eq(command.by_user),
        invitations::created_at.eq(tx.now()),
        invitations::expires_at.eq(tx.now() + LIFETIME),
    );
    Ok(diesel::insert_into(invitations::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(Invitation::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

fn retire_expired(tx: &mut TenantTx<'_>, email: &EmailAddress) -> Result<(), DbError> {
    let now = tx.now();
    let expired = invitations::table
        .filter(invitations::tenant_id.eq(tx.tenant()))
        .filter(invitations::email.eq(email.as_str()))
        .filter(invitations::accepted_at.is_null())
        .filter(invitations::revoked_at.is_null())
        .filter(invitations::expires_at.le(now));
    diesel::update(expired).set(invitations::revoked_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

fn store_token(tx: &mut TenantTx<'_>, id: InvitationId, token: &TenantToken) -> Result<Invitation, DbError> {
    let row = invitations::table.filter(invitations::tenant_id.eq(tx.tenant())).filter(invitations::id.eq(id));
    Ok(diesel::update(row)
        .set((invitations::token_digest.eq(token.digest().to_vec()), invitations::expires_at.eq(tx.now() + LIFETIME)))
        .returning(Invitation::as_returning())
        .get_result(tx.conn())?)
}

fn store_revoked(tx: &mut TenantTx<'_>, id: InvitationId) -> Result<(), DbError> {
    let row = invitations::table.filter(invitations::tenant_id.eq(tx.tenant())).filter(invitations::id.eq(id));
    diesel::update(row).set(invitations::revoked_at.eq(tx.now())).execute(tx.conn())?;
    Ok(())
}
