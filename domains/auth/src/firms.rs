use crate::standing::membership;
use db::{AuthTx, DbError};
use kernel::ids::UserId;
use tenants::{MemberRole, Tenant};

/// The firms a person belongs to, closed ones aside, with their role in each, the one used last first.
pub fn list_firms(tx: &mut AuthTx<'_>, user: UserId) -> Result<Vec<(Tenant, MemberRole)>, DbError> {
    let mut firms = Vec::new();
    for tenant in tenants::memberships(tx, user)? {
        firms.extend(membership(tx, user, tenant)?.map(|standing| (standing.tenant, standing.role)));
    }
    Ok(firms)
}
