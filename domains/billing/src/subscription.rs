use crate::{
    ClosePeriod, Period,
    period::zone,
    plan::{self, DEFAULT},
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::subscriptions};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::{
    ids::{PlanId, SubscriptionId},
    text_enum,
};
use serde_json::json;

text_enum! {
    /// Whether a subscription goes on.
    pub enum SubscriptionStatus {
        /// It goes on from month to month.
        Active = "active",
        /// It has ended.
        Cancelled = "cancelled",
    }
}

/// A firm's subscription.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = subscriptions)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Its plan.
    pub plan_id: PlanId,
    /// Whether it goes on.
    pub status: SubscriptionStatus,
    /// The zone in which months begin and end.
    pub time_zone: String,
    /// First instant of the current period.
    pub period_start: DateTime<Utc>,
    /// First instant after it.
    pub period_end: DateTime<Utc>,
    /// The number of the last invoice.
    pub last_invoice: i32,
}

impl Subscription {
    /// The current period.
    pub const fn period(&self) -> Period {
        Period { start: self.period_start, end: self.period_end }
    }
}

/// Starts the default plan for a new firm: its first period is the rest of this month, its limits are the plan's.
pub fn start_subscription(tx: &mut TenantTx<'_>) -> Result<(), DbError> {
    let tenant = tenants::find(tx)?;
    let plan = plan::find_by_code(tx.conn(), DEFAULT)?;
    let period = Period::rest_of_month(tx.now(), zone(&tenant.time_zone));
    let id: SubscriptionId = tx.new_id();
    let row = (
        subscriptions::id.eq(id),
        subscriptions::plan_id.eq(plan.id),
        subscriptions::status.eq(SubscriptionStatus::Active),
        subscriptions::time_zone.eq(&tenant.time_zone),
        subscriptions::period_start.eq(period.start),
        subscriptions::period_end.eq(period.end),
        subscriptions::created_at.eq(tx.now()),
    );
    diesel::insert_into(subscriptions::table).values(row).execute(tx.conn())?;
    for meter in plan::meters(tx.conn(), plan.id)?.into_iter().filter(|meter| meter.is_limit) {
        metering::set_limit(tx, meter.meter, meter.included)?;
    }
    tx.enqueue_once(&ClosePeriod { period_end: period.end }, period.end.timestamp(), period.end)?;
    tx.audit("subscription.started", id, json!({ "plan": plan.code }))
}

/// The firm's subscription and its plan.
pub fn current(tx: &mut TenantTx<'_>) -> Result<(Subscription, crate::Plan), DbError> {
    let subscription: Subscription = subscriptions::table
        .filter(subscriptions::tenant_id.eq(tx.tenant()))
        .select(Subscription::as_select())
        .first(tx.conn())?;
    let plan = plan::find(tx.conn(), subscription.plan_id)?;
    Ok((subscription, plan))
}

/// The firm's subscription if it goes on, locked until the transaction ends.
pub(crate) fn lock_active(tx: &mut TenantTx<'_>) -> Result<Option<Subscription>, DbError> {
    Ok(subscriptions::table
        .filter(subscriptions::tenant_id.eq(tx.tenant()))
        .filter(subscriptions::status.eq(SubscriptionStatus::Active))
        .select(Subscription::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Ends the subscription with its last period.
pub(crate) fn finish(tx: &mut TenantTx<'_>, last_invoice: i32) -> Result<(), DbError> {
    diesel::update(subscriptions::table.filter(subscriptions::tenant_id.eq(tx.tenant())))
        .set((subscriptions::status.eq(SubscriptionStatus::Cancelled), subscriptions::last_invoice.eq(last_invoice)))
        .execute(tx.conn())?;
    Ok(())
}

/// Moves on to the next period.
pub(crate) fn advance(tx: &mut TenantTx<'_>, next: Period, last_invoice: i32) -> Result<(), DbError> {
    diesel::update(subscriptions::table.filter(subscriptions::tenant_id.eq(tx.tenant())))
        .set((
            subscriptions::period_start.eq(next.start),
            subscriptions::period_end.eq(next.end),
            subscriptions::last_invoice.eq(last_invoice),
        ))
        .execute(tx.conn())?;
    Ok(())
}
