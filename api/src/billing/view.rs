use crate::problem::Language;
use billing::{
    Entitlement, Invoice, InvoiceLine, InvoiceStatus, Plan, PlanMeter, Subscription, SubscriptionStatus, UsageSum,
};
use chrono::{DateTime, Utc};
use kernel::{
    Currency,
    ids::{InvoiceId, InvoiceLineId, PlanId, SubscriptionId},
};
use metering::Meter;
use serde::Serialize;
use utoipa::ToSchema;

/// What a month costs and what it includes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// Its id; a new price is a new plan.
    id: PlanId,
    /// `free`, `standard` or `pro`.
    code: String,
    /// Its name in the caller's language.
    name: String,
    /// Price of a month, in minor units.
    price_minor: i64,
    /// Currency of its prices.
    currency: Currency,
    /// What there may be only so much of.
    limits: Vec<PlanLimitView>,
    /// What a month includes, and what more of it costs.
    included: Vec<PlanIncludedView>,
}

/// A limit of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanLimitView {
    /// What is limited.
    meter: Meter,
    /// The most of it.
    maximum: i64,
}

/// What a plan includes of a meter in a month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlanIncludedView {
    /// What is counted.
    meter: Meter,
    /// How much costs nothing.
    included: i64,
    /// How much `unit_price_minor` buys beyond that.
    unit: i64,
    /// Price of each started unit, in minor units.
    unit_price_minor: i64,
}

impl PlanView {
    pub(super) fn new(plan: Plan, meters: &[PlanMeter], language: Language) -> Self {
        let limit = |m: &PlanMeter| PlanLimitView { meter: m.meter, maximum: m.included };
        let included = |m: &PlanMeter| PlanIncludedView {
            meter: m.meter,
            included: m.included,
            unit: m.unit,
            unit_price_minor: m.price_minor,
        };
        Self {
            id: plan.id,
            code: plan.code,
            name: match language {
                Language::English => plan.name_en,
                Language::Chinese => plan.name_zh,
            },
            price_minor: plan.price_minor,
            currency: plan.currency,
            limits: meters.iter().filter(|m| m.is_limit).map(limit).collect(),
            included: meters.iter().filter(|m| !m.is_limit).map(included).collect(),
        }
    }
}

/// The firm's subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubscriptionView {
    /// Its id.
    id: SubscriptionId,
    /// Whether it goes on.
    status: SubscriptionStatus,
    /// Its plan.
    plan: PlanView,
    /// The zone in which months begin and end.
    time_zone: String,
    /// First instant of the current period.
    period_start: DateTime<Utc>,
    /// First instant after it.
    period_end: DateTime<Utc>,
}

impl SubscriptionView {
    pub(super) fn new(subscription: Subscription, plan: PlanView) -> Self {
        let Subscription { id, status, time_zone, period_start, period_end, .. } = subscription;
        Self { id, status, plan, time_zone, period_start, period_end }
    }
}

/// The invoice for a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceView {
    /// Its id.
    id: InvoiceId,
    /// Its number, without gaps in the firm.
    number: String,
    /// Whether it is paid.
    status: InvoiceStatus,
    /// The plan of the period.
    plan_id: PlanId,
    /// First instant of the period.
    period_start: DateTime<Utc>,
    /// First instant after it.
    period_end: DateTime<Utc>,
    /// Currency of all amounts.
    currency: Currency,
    /// Sum of the lines, in minor units.
    total_minor: i64,
    /// When it was made.
    finalized_at: DateTime<Utc>,
    /// When it was paid.
    #[schema(required)]
    paid_at: Option<DateTime<Utc>>,
}

impl From<Invoice> for InvoiceView {
    fn from(invoice: Invoice) -> Self {
        let Invoice {
            id,
            number,
            plan_id,
            status,
            period_start,
            period_end,
            currency,
            total_minor,
            finalized_at,
            paid_at,
        } = invoice;
        Self { id, number, status, plan_id, period_start, period_end, currency, total_minor, finalized_at, paid_at }
    }
}

/// The invoice for a period, with its lines.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceWithLinesView {
    #[serde(flatten)]
    invoice: InvoiceView,
    /// What was used, what was free of it and what the rest costs.
    lines: Vec<InvoiceLineView>,
}

impl From<(Invoice, Vec<InvoiceLine>)> for InvoiceWithLinesView {
    fn from((invoice, lines): (Invoice, Vec<InvoiceLine>)) -> Self {
        Self { invoice: invoice.into(), lines: lines.into_iter().map(InvoiceLineView::from).collect() }
    }
}

/// One line of an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceLineView {
    /// Its id.
    id: InvoiceLineId,
    /// Its place, from 0.
    position: i16,
    /// `plan`, or the name of a meter.
    kind: String,
    /// How much was used.
    quantity: i64,
    /// How much of it the plan includes.
    included: i64,
    /// How much `unit_price_minor` buys.
    unit: i64,
    /// Price of a unit, in minor units.
    unit_price_minor: i64,
    /// Price of the line, in minor units.
    amount_minor: i64,
}

impl From<InvoiceLine> for InvoiceLineView {
    fn from(line: InvoiceLine) -> Self {
        let InvoiceLine { id, invoice_id: _, position, kind, quantity, included, unit, unit_price_minor, amount_minor } =
            line;
        Self { id, position, kind, quantity, included, unit, unit_price_minor, amount_minor }
    }
}

/// How much of a meter was used in a span of time.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    /// What was counted.
    meter: Meter,
    /// First instant of the span.
    from: DateTime<Utc>,
    /// First instant after it.
    to: DateTime<Utc>,
    /// How much, in the meter's unit.
    quantity: i64,
}

impl From<UsageSum> for UsageView {
    fn from(sum: UsageSum) -> Self {
        Self { meter: sum.meter, from: sum.span.start, to: sum.span.end, quantity: sum.quantity }
    }
}

/// Something the firm may have only so much of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntitlementView {
    /// What.
    meter: Meter,
    /// The most of it.
    value: i64,
    /// How much is used.
    used: i64,
    /// When the use is counted from zero again; null: never, it falls when things are deleted.
    #[schema(required)]
    resets_at: Option<DateTime<Utc>>,
    /// Where the limit comes from: the plan's code.
    why: String,
}

impl From<Entitlement> for EntitlementView {
    fn from(entitlement: Entitlement) -> Self {
        let Entitlement { meter, maximum, used, why } = entitlement;
        Self { meter, value: maximum, used, resets_at: None, why }
    }
}

/// A list that is always given whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Everything<V> {
    /// All rows.
    pub(super) data: Vec<V>,
}
