//! Who is told of the outcome of payments.

use crate::{Gateway, Payment, Refund};
use db::{DbError, TenantTx};
use kernel::ids::OrderId;
use std::sync::Arc;

/// The room whose things are paid for. It acts in the very transaction that records an outcome.
pub trait Listener: Send + Sync + std::fmt::Debug + 'static {
    /// Locks what is paid for; always before its payments, so that all verbs lock in one order.
    fn lock(&self, tx: &mut TenantTx<'_>, order: OrderId) -> Result<(), DbError>;

    /// A payment's status changed. Called once for each change.
    fn payment_changed(&self, tx: &mut TenantTx<'_>, payment: &Payment) -> Result<(), DbError>;

    /// A refund's status changed. Called once for each change.
    fn refund_changed(&self, tx: &mut TenantTx<'_>, refund: &Refund) -> Result<(), DbError>;
}

/// What is needed to carry operations out.
#[derive(Debug, Clone)]
pub struct Desk {
    /// The provider.
    pub gateway: Gateway,
    /// Who is told.
    pub listener: Arc<dyn Listener>,
}
