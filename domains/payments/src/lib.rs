//! Money in through a payment provider, money back, and escrow.
//!
//! A call to the provider is record, call, record: [`plan`] writes a payment and an [`Operation`] and commits;
//! [`Gateway::perform`] calls the provider outside any transaction under the operation's own key; [`record`] writes what came
//! of it. Whatever is lost in between, [`FollowPayment`] and [`FollowRefund`] finish with the same key.
//!
//! ```text
//! payment  processing -> requires_action -> succeeded        escrow  held -> released | refunded | split
//!               \______________\______-> failed -> succeeded (the provider's word is final)
//! refund   pending -> succeeded -> failed (the bank sent it back) | failed
//! ```
//!
//! - INV-P1: an operation reaches the provider at most once: its key is `op_<operation id>`, whoever calls and however often.
//! - INV-P2: nothing is booked unless amount, currency and object are those of our own row.
//! - INV-P3: a success is never taken back by a later or older message.
//! - INV-P4: an object of the provider belongs to the tenant our own table names, whatever it says of itself.
//! - INV-P5: escrow: funded = held + released + refunded + refunding, and none of them below zero.

mod escrow;
mod gateway;
mod inbox;
pub mod jobs;
mod listener;
mod operation;
mod payment;
mod plan;
mod read;
mod record;
mod record_refund;
mod refund;
mod signature;
mod store;
mod stripe;

pub use escrow::{Escrow, EscrowStatus, ReleaseError, Released, release};
pub use gateway::{Answer, Gateway, GatewayConfig, GatewayError, ProviderPayment, ProviderRefund};
pub use inbox::{BadEvent, ProviderEvent, receive};
pub use jobs::{
    follow_payment::FollowPayment, follow_refund::FollowRefund, process_provider_event::ProcessProviderEvent,
};
pub use listener::{Desk, Listener};
pub use operation::Operation;
pub use payment::{NewPayment, Payment, PaymentMethod, PaymentStatus};
pub use plan::plan;
pub use read::{
    escrow_of, find, find_by_request, find_refund, find_refund_by_request, operation_of, payments_of, refunds_of,
    request_key,
};
pub use record::{RecordError, record};
pub use record_refund::record_refund;
pub use refund::{NewRefund, PlanRefundError, Refund, RefundStatus, plan_refund, refund_operation_of};
pub use signature::{BadSignature, verify};
