//! The platform's own chain: that of a tenant with the nil id, which no firm has.

use db::{AuthTx, DbError, PlatformTx, TenantScope, TenantTx, schema::heads};
use diesel::prelude::*;
use kernel::{
    Actor,
    ids::{Id, TenantId},
};
use uuid::Uuid;

/// The tenant of the platform's own chain.
pub fn platform_chain() -> TenantId {
    TenantId::from_uuid(Uuid::nil())
}

/// The scope of the platform's own chain. One of the few places that grant a scope: no firm's rows are seen under it.
fn scope(actor: &Actor) -> TenantScope {
    TenantScope::grant(platform_chain(), actor.clone())
}

/// Transactions that can write into the platform's own chain.
pub trait TellsPlatform {
    /// Writes rows, with [`crate::Audited`], that belong to no firm.
    fn in_platform_chain(
        &mut self,
        work: impl FnOnce(&mut TenantTx<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError>;
}

impl TellsPlatform for PlatformTx<'_> {
    fn in_platform_chain(
        &mut self,
        work: impl FnOnce(&mut TenantTx<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let scope = scope(self.actor());
        self.in_tenant(&scope, work)
    }
}

impl TellsPlatform for AuthTx<'_> {
    fn in_platform_chain(
        &mut self,
        work: impl FnOnce(&mut TenantTx<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let scope = scope(self.actor());
        self.in_tenant(&scope, |tx| {
            begin(tx)?;
            work(tx)
        })
    }
}

/// The chain begins with whoever tells it something first.
fn begin(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let head = diesel::insert_into(heads::table).values(heads::tenant_id.eq(tx.tenant()));
    head.on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}
