//! The timers of an order.

pub mod cancel_unpaid;
pub mod complete_unconfirmed;
