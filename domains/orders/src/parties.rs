//! Who the parties of an order are, and the proof of it.

use db::{DbError, TenantScope, TenantTx, schema::order_parties};
use diesel::prelude::*;
use kernel::{
    Actor,
    ids::{OrderId, TenantId},
    text_enum,
};

text_enum! {
    /// A party's part in an order.
    pub enum PartyRole {
        /// It pays.
        Buyer = "buyer",
        /// It delivers.
        Seller = "seller",
    }
}

/// Proof that a tenant is a party of an order, read from its own row, and who the other party is.
#[derive(Debug, Clone)]
pub struct Counterparty {
    role: PartyRole,
    other: TenantId,
    actor: Actor,
}

impl Counterparty {
    /// The proof for the transaction's tenant in the given role, if it has that part in the order.
    pub fn of(tx: &mut TenantTx<'_>, order: OrderId, role: PartyRole) -> Result<Option<Self>, DbError> {
        let other: Option<TenantId> = order_parties::table
            .filter(order_parties::tenant_id.eq(tx.tenant()))
            .filter(order_parties::order_id.eq(order))
            .filter(order_parties::role.eq(role))
            .select(order_parties::other_tenant_id)
            .first(tx.conn())
            .optional()?;
        Ok(other.map(|other| Self { role, other, actor: tx.actor().clone() }))
    }

    /// The proof for a buyer who is placing an order with a seller whose offer stands in the market.
    pub(crate) fn placing(tx: &TenantTx<'_>, seller: TenantId) -> Self {
        Self { role: PartyRole::Buyer, other: seller, actor: tx.actor().clone() }
    }

    /// The right to act in the other party's tenant.
    pub fn scope(&self) -> TenantScope {
        TenantScope::grant(self.other, self.actor.clone())
    }

    /// The part of the tenant that holds this proof.
    pub const fn role(&self) -> PartyRole {
        self.role
    }
}

/// Notes the transaction's tenant's part in an order.
pub(crate) fn insert(tx: &mut TenantTx<'_>, order: OrderId, role: PartyRole, other: TenantId) -> Result<(), DbError> {
    let row =
        (order_parties::order_id.eq(order), order_parties::role.eq(role), order_parties::other_tenant_id.eq(other));
    diesel::insert_into(order_parties::table).values(row).execute(tx.conn())?;
    Ok(())
}
