use catalogue::market::Seller;
use db::{DbError, TenantTx};

/// How the transaction's firm appears in the market; none while it may not sell.
pub fn seller_of(tx: &mut TenantTx<'_>) -> Result<Option<Seller>, DbError> {
    let firm = tenants::hold_open(tx)?;
    Ok(firm.status.may_write().then_some(Seller { slug: firm.slug, name: firm.name }))
}
