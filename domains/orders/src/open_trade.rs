use crate::{Counterparty, OrderStatus, PartyRole};
use db::{
    DbError, TenantTx,
    schema::{order_parties, orders},
};
use diesel::prelude::*;
use kernel::ids::{OrderId, TenantId};
use std::collections::BTreeMap;

/// Orders asked for by one query.
const AT_ONCE: usize = 1_000;

/// How many orders of a firm are under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenTrade {
    /// As seller.
    pub orders: i64,
    /// As buyer.
    pub purchases: i64,
}

/// The transaction's tenant's orders that have not come to their end, from either side.
pub fn open_trade(tx: &mut TenantTx<'_>) -> Result<OpenTrade, DbError> {
    let orders = open(orders::table.filter(orders::tenant_id.eq(tx.tenant())).into_boxed()).get_result(tx.conn())?;
    let mut purchases = 0;
    for ids in placed(tx)?.values() {
        for ids in ids.chunks(AT_ONCE) {
            purchases += open_among(tx, ids)?;
        }
    }
    Ok(OpenTrade { orders, purchases })
}

/// What the tenant has ordered, by seller.
fn placed(tx: &mut TenantTx<'_>) -> Result<BTreeMap<TenantId, Vec<OrderId>>, DbError> {
    let rows: Vec<(TenantId, OrderId)> = order_parties::table
        .filter(order_parties::tenant_id.eq(tx.tenant()))
        .filter(order_parties::role.eq(PartyRole::Buyer))
        .select((order_parties::other_tenant_id, order_parties::order_id))
        .load(tx.conn())?;
    let mut by_seller: BTreeMap<TenantId, Vec<OrderId>> = BTreeMap::new();
    for (seller, id) in rows {
        by_seller.entry(seller).or_default().push(id);
    }
    Ok(by_seller)
}

/// How many of one seller's orders, which the tenant has placed, are under way.
fn open_among(tx: &mut TenantTx<'_>, ids: &[OrderId]) -> Result<i64, DbError> {
    let Some(first) = ids.first() else { return Ok(0) };
    let Some(party) = Counterparty::of(tx, *first, PartyRole::Buyer)? else { return Ok(0) };
    tx.in_tenant(&party.scope(), |tx| {
        let theirs = orders::table.filter(orders::tenant_id.eq(tx.tenant())).filter(orders::id.eq_any(ids));
        Ok(open(theirs.into_boxed()).get_result(tx.conn())?)
    })
}

type Boxed<'a> = orders::BoxedQuery<'a, diesel::pg::Pg>;

/// Those of some orders that may still take a step.
fn open(query: Boxed<'_>) -> diesel::dsl::Select<Boxed<'_>, diesel::dsl::CountStar> {
    let under_way: Vec<OrderStatus> =
        OrderStatus::ALL.iter().copied().filter(|status| !status.next().is_empty()).collect();
    query.filter(orders::status.eq_any(under_way)).select(diesel::dsl::count_star())
}
