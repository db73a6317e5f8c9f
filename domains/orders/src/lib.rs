//! Trade: orders between two firms, from placing to receipt.
//!
//! An order lives in its seller's tenant and names its buyer. Each party has a row of its own ([`Counterparty`]) that proves
//! its part; a buyer's verb reads that row and then runs in the seller's tenant, within the same transaction.
//!
//! ```text
//! awaiting_payment -> paid -> (partially_shipped) -> shipped -> completed
//!        \-> cancelled   \----------\------------------\-> refunded
//! ```
//!
//! - INV-O1: an order moves only along these arrows, under a lock on its row, and each step is a line of its timeline.
//! - INV-O2: lines, prices, the platform's share and the address are frozen when the order is placed.
//! - INV-O3: money that comes for an order that cannot take it (cancelled, paid already, out of stock) goes back by itself.
//! - INV-O4: what happens to an order stands in both parties' event and audit logs, from the same transaction.
//! - INV-O5: an order's number is counted per seller, without gaps.

mod cancel;
mod complete;
mod events;
pub mod jobs;
mod open_trade;
mod order;
mod parties;
mod pay;
mod place;
mod read;
mod refund;
mod settle;
mod ship;
mod store;
mod tell;
mod terms;

pub use cancel::{CancelOrderError, cancel_as_buyer, cancel_as_seller};
pub use complete::{ConfirmReceiptError, confirm_receipt};
pub use jobs::{cancel_unpaid::CancelUnpaid, complete_unconfirmed::CompleteUnconfirmed};
pub use open_trade::{OpenTrade, open_trade};
pub use order::{Address, Order, OrderLine, OrderStatus, Party, Shipment, ShipmentLine, Step, TimelineLine};
pub use parties::{Counterparty, PartyRole};
pub use pay::{PayOrder, PayOrderError, plan_payment, record_payment, resume_payment};
pub use place::{PlaceOrder, PlaceOrderError, WantedLine, place};
pub use read::{OrderDetail, list_orders, list_purchases, order, purchase};
pub use refund::{RefundOrder, RefundOrderError, plan_refund, record_refund, resume_refund};
pub use settle::OrderPayments;
pub use ship::{ShipOrder, ShipOrderError, ship};
pub use terms::Terms;
