use crate::{EmailAddress, Invitation, Locale, Member, MemberRole, events::MemberJoined, member::point};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{invitations, members},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::{MemberId, UserId};
use metering::{Meter, ReserveError};
use serde_json::json;

/// A person who becomes a member.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub display_name: String,
    /// Their language.
    pub locale: Locale,
    /// What they may do.
    pub role: MemberRole,
}

/// Why a person did not become a member.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The firm's plan allows no more members.
    #[error("the plan allows {maximum} members")]
    LimitReached {
        /// How many it allows.
        maximum: i64,
    },
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<ReserveError> for JoinError {
    fn from(error: ReserveError) -> Self {
        match error {
            ReserveError::LimitReached { maximum, .. } => Self::LimitReached { maximum },
            ReserveError::Db(error) => Self::Db(error),
        }
    }
}

/// Makes a person a member of the transaction's firm, which counts against its plan. A person who is one already stays as they are.
pub fn join(tx: &mut TenantTx<'_>, new: &NewMember) -> Result<Member, JoinError> {
    let inserted = insert(tx, new)?;
    let Some(member) = inserted else { return Ok(find_by_user(tx, new.user)?) };
    metering::reserve(tx, Meter::Members, 1)?;
    metering::settle(tx, Meter::Members, 1, 1)?;
    point(tx, new.user)?;
    tx.audit("member.joined", member.id, json!({ "user": member.user_id, "role": member.role }))?;
    tx.emit(&MemberJoined { id: member.id, user_id: member.user_id, role: member.role })?;
    Ok(member)
}

/// Makes a person a member by an open invitation that the caller holds locked; the invitation is used up (INV-T3).
pub fn accept_invitation(tx: &mut TenantTx<'_>, invitation: &Invitation, new: &NewMember) -> Result<Member, JoinError> {
    settle_invitation(tx, invitation)?;
    tx.audit("member.invitation_accepted", invitation.id, json!({}))?;
    join(tx, new)
}

fn insert(tx: &mut TenantTx<'_>, new: &NewMember) -> Result<Option<Member>, DbError> {
    let row = (
        members::id.eq(tx.new_id::<MemberId>()),
        members::user_id.eq(new.user),
        members::email.eq(new.email.as_str()),
        members::display_name.eq(&new.display_name),
        members::locale.eq(new.locale),
        members::role.eq(new.role),
        members::created_at.eq(tx.now()),
        members::updated_at.eq(tx.now()),
    );
    Ok(diesel::insert_into(members::table)
        .values(row)
        .on_conflict((members::tenant_id, members::user_id))
        .do_nothing()
        .returning(Member::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

fn find_by_user(tx: &mut TenantTx<'_>, user: UserId) -> Result<Member, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::user_id.eq(user))
        .select(Member::as_select())
        .first(tx.conn())?)
}

fn settle_invitation(tx: &mut TenantTx<'_>, invitation: &Invitation) -> Result<(), DbError> {
    let row =
        invitations::table.filter(invitations::tenant_id.eq(tx.tenant())).filter(invitations::id.eq(invitation.id));
    diesel::update(row).set(invitations::accepted_at.eq(tx.now())).execute(tx.conn())?;
    Ok(())
}
