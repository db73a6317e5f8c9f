//! Finds and lists firms and members.

use crate::{EmailAddress, Member, MemberRole, Recipient, Tenant, role::known};
use db::{
    AuthTx, DbError, TenantTx,
    schema::{members, roles, tenants, user_tenants},
};
use diesel::prelude::*;
use kernel::{
    ids::{MemberId, RoleId, TenantId, UserId},
    pages::{Page, PageRequest},
    permission::{Permission, Permissions, Role},
};

/// The transaction's firm.
pub fn find(tx: &mut TenantTx<'_>) -> Result<Tenant, DbError> {
    Ok(tenants::table.filter(tenants::id.eq(tx.tenant())).select(Tenant::as_select()).first(tx.conn())?)
}

/// Members, in the order of joining.
pub fn list_members(tx: &mut TenantTx<'_>, page: &PageRequest<MemberId>) -> Result<Page<Member, MemberId>, DbError> {
    let mut query = members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .order(members::id)
        .limit(page.fetch())
        .select(Member::as_select())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(members::id.gt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |member| member.id))
}

/// One member.
pub fn find_member(tx: &mut TenantTx<'_>, id: MemberId) -> Result<Option<Member>, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::id.eq(id))
        .select(Member::as_select())
        .first(tx.conn())
        .optional()?)
}

/// A person's place in a firm.
#[derive(Debug, Clone)]
pub struct Membership {
    /// The firm.
    pub tenant: Tenant,
    /// Their role there.
    pub role: MemberRole,
    /// What it allows.
    pub permissions: Permissions,
}

/// A person's own row among the members.
pub(crate) fn find_member_of(tx: &mut TenantTx<'_>, user: UserId) -> Result<Option<Member>, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::user_id.eq(user))
        .select(Member::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The person's membership of the transaction's firm, with the firm and what the role allows, by one query.
pub fn membership(tx: &mut TenantTx<'_>, user: UserId) -> Result<Option<Membership>, DbError> {
    let own_role = roles::tenant_id.eq(tx.tenant()).and(roles::id.nullable().eq(members::own_role));
    let found: Option<(Tenant, MemberRole, Option<Vec<String>>)> = members::table
        .inner_join(tenants::table.on(tenants::id.eq(members::tenant_id)))
        .left_join(roles::table.on(own_role))
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::user_id.eq(user))
        .select((Tenant::as_select(), members::role, roles::permissions.nullable()))
        .first(tx.conn())
        .optional()?;
    Ok(found.map(|(tenant, role, own)| Membership {
        tenant,
        role,
        permissions: match role {
            MemberRole::BuiltIn(role) => role.set(),
            MemberRole::Own(_) => known(&own.unwrap_or_default()),
        },
    }))
}

/// The firms a person belongs to, the one used last first.
pub fn memberships(tx: &mut AuthTx<'_>, user: UserId) -> Result<Vec<TenantId>, DbError> {
    Ok(user_tenants::table
        .filter(user_tenants::user_id.eq(user))
        .order((user_tenants::last_used_at.desc(), user_tenants::for_tenant))
        .select(user_tenants::for_tenant)
        .load(tx.conn())?)
}

/// The firms with these ids.
pub fn select_tenants(tx: &mut AuthTx<'_>, ids: &[TenantId]) -> Result<Vec<Tenant>, DbError> {
    Ok(tenants::table.filter(tenants::id.eq_any(ids)).select(Tenant::as_select()).load(tx.conn())?)
}

/// Everybody in the transaction's firm with one of these roles.
pub fn recipients(tx: &mut TenantTx<'_>, roles: &[Role]) -> Result<Vec<Recipient>, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::role.eq_any(roles))
        .order(members::id)
        .select(Recipient::as_select())
        .load(tx.conn())?)
}

/// Everybody in the transaction's firm whose role, built-in or the firm's own, has this permission.
pub fn recipients_allowed(tx: &mut TenantTx<'_>, permission: Permission) -> Result<Vec<Recipient>, DbError> {
    let own: Vec<(RoleId, Vec<String>)> = roles::table
        .filter(roles::tenant_id.eq(tx.tenant()))
        .select((roles::id, roles::permissions))
        .load(tx.conn())?;
    let own = own.into_iter().filter(|(_, texts)| known(texts).allows(permission)).map(|(id, _)| MemberRole::Own(id));
    let built_in = Role::ALL.iter().filter(|role| role.set().allows(permission)).map(|role| MemberRole::from(*role));
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .filter(members::role.eq_any(built_in.chain(own).collect::<Vec<_>>()))
        .order(members::id)
        .select(Recipient::as_select())
        .load(tx.conn())?)
}

/// Everybody in the transaction's firm.
pub fn everybody(tx: &mut TenantTx<'_>) -> Result<Vec<Recipient>, DbError> {
    Ok(members::table
        .filter(members::tenant_id.eq(tx.tenant()))
        .order(members::id)
        .select(Recipient::as_select())
        .load(tx.conn())?)
}

/// The transaction's firm, which does not close before the transaction ends.
pub fn hold_open(tx: &mut TenantTx<'_>) -> Result<Tenant, DbError> {
    Ok(tenants::table
        .filter(tenants::id.eq(tx.tenant()))
        .select(Tenant::as_select())
        .for_key_share()
        .first(tx.conn())?)
}

/// The version of the firm's profile; others that change the firm wait until the transaction ends, trade does not.
pub(crate) fn lock_firm(tx: &mut TenantTx<'_>) -> Result<i64, DbError> {
    Ok(tenants::table
        .filter(tenants::id.eq(tx.tenant()))
        .select(tenants::version)
        .for_no_key_update()
        .first(tx.conn())?)
}

/// Whether somebody with this address is a member.
pub(crate) fn is_member(tx: &mut TenantTx<'_>, email: &EmailAddress) -> Result<bool, DbError> {
    let query = members::table.filter(members::tenant_id.eq(tx.tenant())).filter(members::email.eq(email.as_str()));
    Ok(diesel::select(diesel::dsl::exists(query)).get_result(tx.conn())?)
}
