use kernel::{Actor, ids::TenantId};

/// The right to act in one tenant as somebody.
///
/// Made in four kinds of places only, which the rules suite lists by file: the authorising extractor of the API, a claimed
/// job, an audited act of the platform, and a proof that a tenant is the other party of an order.
#[derive(Debug, Clone)]
pub struct TenantScope {
    tenant: TenantId,
    actor: Actor,
}

impl TenantScope {
    /// Grants `actor` the right to act in `tenant`. The caller has checked that it may.
    pub const fn grant(tenant: TenantId, actor: Actor) -> Self {
        Self { tenant, actor }
    }

    /// The tenant.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who acts.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }
}
