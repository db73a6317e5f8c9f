use crate::{Period, plan, subscription::current};
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx};
use metering::Meter;

/// Meters that are counted over time.
const COUNTERS: [Meter; 4] = [Meter::StorageByteHours, Meter::EgressBytes, Meter::ApiRequests, Meter::OrdersValue];

/// Which use is asked for.
#[derive(Debug, Clone, Default)]
pub struct UsageQuery {
    /// First instant; without it, where the current period begins.
    pub from: Option<DateTime<Utc>>,
    /// First instant after; without it, where the current period ends.
    pub to: Option<DateTime<Utc>>,
    /// One meter; without it, all that are counted over time.
    pub meter: Option<Meter>,
}

/// How much of a meter was used in a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageSum {
    /// The meter.
    pub meter: Meter,
    /// The span.
    pub span: Period,
    /// How much, in the meter's unit.
    pub quantity: i64,
}

/// What the firm used.
pub fn usage(tx: &mut TenantTx<'_>, query: &UsageQuery) -> Result<Vec<UsageSum>, DbError> {
    let period = current(tx)?.0.period();
    let span = Period { start: query.from.unwrap_or(period.start), end: query.to.unwrap_or(period.end) };
    let sum = |tx: &mut TenantTx<'_>, meter| {
        metering::usage(tx, meter, span.start, span.end).map(|quantity| UsageSum { meter, span, quantity })
    };
    match query.meter {
        Some(meter) => Ok(vec![sum(tx, meter)?]),
        None => COUNTERS.into_iter().map(|meter| sum(tx, meter)).collect(),
    }
}

/// Something the firm may have only so much of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entitlement {
    /// What.
    pub meter: Meter,
    /// The most of it, used and reserved together.
    pub maximum: i64,
    /// How much is used.
    pub used: i64,
    /// Why it is so much: the plan's code.
    pub why: String,
}

/// All limits of the firm.
pub fn entitlements(tx: &mut TenantTx<'_>) -> Result<Vec<Entitlement>, DbError> {
    let (_, plan) = current(tx)?;
    let limits = metering::limits(tx)?.into_iter();
    Ok(limits
        .map(|limit| Entitlement {
            meter: limit.meter,
            maximum: limit.maximum,
            used: limit.used,
            why: plan.code.clone(),
        })
        .collect())
}

/// The firm's subscription, its plan and what that includes.
pub fn overview(tx: &mut TenantTx<'_>) -> Result<(crate::Subscription, plan::Plan, Vec<plan::PlanMeter>), DbError> {
    let (subscription, plan) = current(tx)?;
    let meters = plan::meters(tx.conn(), plan.id)?;
    Ok((subscription, plan, meters))
}
