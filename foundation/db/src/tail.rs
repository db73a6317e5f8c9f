use crate::{DbError, TenantTx};

/// A write on a tenant's head row: an event's or audit row's number, given out at the very end of the transaction.
///
/// Deferring them keeps the head row locked for the shortest time and lets a transaction over several tenants lock heads in
/// one order (INV-D3).
pub trait Tail: Send {
    /// Writes the row; called once, inside the tenant that was current when the tail was deferred.
    fn write(self: Box<Self>, tx: &mut TenantTx<'_>) -> Result<(), DbError>;
}
