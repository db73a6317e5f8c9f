//! Who the parties of an order are, and the proof of it.

use crate::Order;
use db::{DbError, Keep, TenantScope, TenantTx, schema::order_parties};
use diesel::prelude::*;
use kernel::{
    Actor,
    ids::{OrderId, TenantId},
    pages::{Page, PageRequest},
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

    /// The proof for the seller of an order that it has at hand: the order is its own row, and names the buyer.
    pub(crate) fn buyer_of(tx: &TenantTx<'_>, order: &Order) -> Result<Self, DbError> {
        if order.seller_id != tx.tenant() {
            return Err(DbError::Corrupt(format!("{} is another firm's sale", order.id)));
        }
        Ok(Self { role: PartyRole::Seller, other: order.buyer_id, actor: tx.actor().clone() })
    }

    /// The proofs for the transaction's tenant of its orders in a role, newest first.
    pub(crate) fn list(
        tx: &mut TenantTx<'_>,
        role: PartyRole,
        page: &PageRequest<OrderId>,
    ) -> Result<Page<(OrderId, Self), OrderId>, DbError> {
        let mut query = order_parties::table
            .filter(order_parties::tenant_id.eq(tx.tenant()))
            .filter(order_parties::role.eq(role))
            .order(order_parties::order_id.desc())
            .limit(page.fetch())
            .select((order_parties::order_id, order_parties::other_tenant_id))
            .into_boxed();
        if let Some(after) = page.after {
            query = query.filter(order_parties::order_id.lt(after));
        }
        let rows: Vec<(OrderId, TenantId)> = query.load(tx.conn())?;
        let actor = tx.actor();
        Ok(Page::of(rows, page, |(id, _)| *id).map(|(id, other)| (id, Self { role, other, actor: actor.clone() })))
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
    diesel::insert_into(order_parties::table).values(row).kept().execute(tx.conn())?;
    Ok(())
}
