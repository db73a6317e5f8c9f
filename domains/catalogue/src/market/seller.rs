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

/// Shows the tenant in the market. Called when it publishes.
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

/// Shows the tenant under a new name, if it is shown at all. Called when it is renamed.
pub fn rename_seller(tx: &mut TenantTx<'_>, seller: &Seller) -> Result<(), DbError> {
    diesel::update(sellers::table.filter(sellers::seller_id.eq(tx.tenant())))
        .set((sellers::slug.eq(&seller.slug), sellers::name.eq(&seller.name)))
        .execute(tx.conn())?;
    Ok(())
}
