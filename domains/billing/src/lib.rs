//! What the platform costs: plans, subscriptions, and an invoice for every calendar month of the tenant's time zone.
//!
//! ```text
//! sign-up --> active subscription --month ends: ClosePeriod--> invoice open (or paid, if it is over nothing), next period
//! ```
//!
//! - INV-B1: every instant of a subscription belongs to exactly one period, and every ended period has exactly one invoice.
//! - INV-B2: an invoice's lines sum to its total, and neither changes once it is finalised.
//! - INV-B3: invoice numbers of a tenant have no gaps.

mod close;
mod events;
mod invoice;
mod jobs;
mod period;
mod plan;
mod pricing;
mod rate;
mod read;
mod subscription;
mod usage;

pub use close::close_period;
pub use invoice::{Invoice, InvoiceLine, InvoiceStatus};
pub use jobs::{ClosePeriod, FindEndedPeriods};
pub use period::Period;
pub use plan::{Plan, PlanMeter, on_sale};
pub use rate::requests_per_minute;
pub use read::{FindInvoiceError, find_invoice, list_invoices};
pub use subscription::{Subscription, SubscriptionStatus, current, start_subscription};
pub use usage::{Entitlement, UsageQuery, UsageSum, entitlements, overview, usage};
