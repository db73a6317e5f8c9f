use crate::{Locale, MemberRole};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{members, user_tenants},
};
use diesel::prelude::*;
use kernel::ids::{Id, MemberId, UserId};

/// A person's membership of a firm.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = members)]
pub struct Member {
    /// Id of the membership.
    pub id: MemberId,
    /// The person.
    pub user_id: UserId,
    /// Copy of the person's address.
    pub email: String,
    /// Copy of the person's name.
    pub display_name: String,
    /// The language the person reads.
    pub locale: Locale,
    /// What the person may do.
    pub role: MemberRole,
    /// When the person joined.
    pub created_at: DateTime<Utc>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
    /// Counts up with every change.
    pub version: i64,
}

/// Somebody to be told something.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = members)]
pub struct Recipient {
    /// The person.
    pub user_id: UserId,
    /// Where mail goes.
    pub email: String,
    /// How they are addressed.
    pub display_name: String,
    /// The language they read.
    pub locale: Locale,
}

/// The firm's owners, locked until the transaction ends, so that two owners cannot both leave at once (INV-T1).
pub(crate) fn lock_owners(tx: &mut TenantTx<'_>) -> Result<Vec<MemberId>, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::role.eq(MemberRole::OWNER))
        .order(members::id)
        .select(members::id)
        .for_update()
        .load(tx.conn())?)
}

/// One member, locked until the transaction ends.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: MemberId) -> Result<Option<Member>, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::id.eq(id))
        .select(Member::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// A person's membership, locked until the transaction ends.
pub(crate) fn lock_of(tx: &mut TenantTx<'_>, user: UserId) -> Result<Option<Member>, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::user_id.eq(user))
        .select(Member::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Points a person to the transaction's firm.
pub(crate) fn point(tx: &mut TenantTx<'_>, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().uuid();
    tx.in_auth(|tx| {
        let now = tx.now();
        diesel::insert_into(user_tenants::table)
            .values((
                user_tenants::user_id.eq(user),
                user_tenants::for_tenant.eq(tenant),
                user_tenants::created_at.eq(now),
                user_tenants::last_used_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(tx.conn())?;
        Ok(())
    })
}

/// Takes the pointer back.
pub(crate) fn unpoint(tx: &mut TenantTx<'_>, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().uuid();
    tx.in_auth(|tx| {
        let pointer =
            user_tenants::table.filter(user_tenants::user_id.eq(user)).filter(user_tenants::for_tenant.eq(tenant));
        diesel::delete(pointer).execute(tx.conn())?;
        Ok(())
    })
}
