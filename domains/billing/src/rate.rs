use db::{
    DbError, TenantTx,
    schema::{plans, subscriptions},
};
use diesel::prelude::*;

/// Requests a minute that the firm's plan grants each of its people and keys; `None` without a subscription.
pub fn requests_per_minute(tx: &mut TenantTx<'_>) -> Result<Option<u32>, DbError> {
    let rate: Option<i32> = subscriptions::table
        .inner_join(plans::table.on(plans::id.eq(subscriptions::plan_id)))
        .filter(subscriptions::tenant_id.eq(tx.tenant()))
        .select(plans::requests_per_minute)
        .first(tx.conn())
        .optional()?;
    Ok(rate.map(i32::unsigned_abs))
}
