use crate::{Invitation, InvitationStatus};
use db::{DbError, TenantTx, schema::invitations};
use diesel::prelude::*;
use kernel::{
    ids::InvitationId,
    pages::{Page, PageRequest},
    secrets::TenantToken,
};

/// Invitations, newest first.
pub fn list_invitations(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<InvitationId>,
) -> Result<Page<Invitation, InvitationId>, DbError> {
    let mut query = invitations::table
        .filter(invitations::tenant_id.eq(tx.tenant()))
        .order(invitations::id.desc())
        .limit(page.fetch())
        .select(Invitation::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(invitations::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |invitation| invitation.id))
}

/// The open invitation with this token, locked until the transaction ends, so that it makes one member (INV-T3).
pub fn find_open_invitation(tx: &mut TenantTx<'_>, token: &TenantToken) -> Result<Option<Invitation>, DbError> {
    let found: Option<Invitation> = invitations::table
        .filter(invitations::tenant_id.eq(tx.tenant()))
        .filter(invitations::token_digest.eq(token.digest().to_vec()))
        .select(Invitation::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?;
    Ok(found.filter(|invitation| invitation.status(tx.now()) == InvitationStatus::Open))
}

/// One invitation, locked until the transaction ends.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    Ok(invitations::table
        .filter(invitations::tenant_id.eq(tx.tenant()))
        .filter(invitations::id.eq(id))
        .select(Invitation::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}
