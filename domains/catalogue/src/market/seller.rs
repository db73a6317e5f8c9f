use db::{DbError, TenantTx, schema::market_sellers as sellers};
use diesel::prelude::*;
use kernel::ids::TenantId;

/// How a firm appears in the market.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seller {
    /// Its short name in addresses, unique.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// Shows the tenant in the market, or shows it under its new name. Called when it first publishes and when it is renamed.
pub fn present_seller(tx: &mut TenantTx<'_>, seller: &Seller) -> Result<(), DbError> {
    let names = (sellers::slug.eq(&seller.slug), sellers::name.eq(&seller.name));
    diesel::insert_into(sellers::table)
        .values((sellers::seller_id.eq::<TenantId>(tx.tenant()), names))
        .on_conflict(sellers::seller_id)
        .do_update()
        .set(names)
        .execute(tx.conn())?;
    Ok(())
}
