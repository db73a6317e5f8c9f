use crate::{market::Seller, schedule};
use db::{DbError, TenantScope, TenantTx};
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::ProductId;

/// How the firm of a transaction appears in the market; none while it may not sell.
pub type SellerOf = fn(&mut TenantTx<'_>) -> Result<Option<Seller>, DbError>;

/// Puts a product on sale, or takes it off, when its time has come.
///
/// Enqueued by: `catalogue::schedule`, for the instant, and [`super::SweepSchedules`]. Repeats: safe, what is done is not due any more.
/// Order: none assumed; what the product says is due is done. Gives up: never (local and cheap); a firm that may not sell at present
/// is looked at again by the sweeper.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ApplySchedule {
    /// The product.
    pub product_id: ProductId,
}

impl Job for ApplySchedule {
    const KIND: &'static str = "catalogue.apply_schedule";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = SellerOf;

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let (id, seller_of) = (self.product_id, *context.deps());
        let work = move |tx: &mut TenantTx<'_>| match seller_of(tx)? {
            Some(seller) => schedule::apply(tx, id, &seller),
            None => Ok::<_, DbError>(()),
        };
        context.tenant("catalogue.apply_schedule", work).await?;
        Ok(())
    }
}
