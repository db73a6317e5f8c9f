//! Finds payments, refunds and escrows.

use crate::{Escrow, Operation, Payment, Refund, store};
use db::{
    DbError, TenantTx,
    idempotency::IdempotencyKey,
    schema::{escrows, payments, refunds},
};
use diesel::prelude::*;
use kernel::ids::{OrderId, PaymentId, RefundId, TenantId};
use sha2::{Digest, Sha256};

/// Payments of some orders, oldest first.
pub fn payments_of(tx: &mut TenantTx<'_>, orders: &[OrderId]) -> Result<Vec<Payment>, DbError> {
    Ok(payments::table
        .filter(payments::tenant_id.eq(tx.tenant()))
        .filter(payments::order_id.eq_any(orders))
        .order(payments::id)
        .select(Payment::as_select())
        .load(tx.conn())?)
}

/// Refunds of an order, oldest first.
pub fn refunds_of(tx: &mut TenantTx<'_>, order: OrderId) -> Result<Vec<Refund>, DbError> {
    Ok(refunds::table
        .filter(refunds::tenant_id.eq(tx.tenant()))
        .filter(refunds::order_id.eq(order))
        .order(refunds::id)
        .select(Refund::as_select())
        .load(tx.conn())?)
}

/// Escrows of some orders; an order that was never paid has none.
pub fn escrow_of(tx: &mut TenantTx<'_>, orders: &[OrderId]) -> Result<Vec<Escrow>, DbError> {
    Ok(escrows::table
        .filter(escrows::tenant_id.eq(tx.tenant()))
        .filter(escrows::order_id.eq_any(orders))
        .select(Escrow::as_select())
        .load(tx.conn())?)
}

/// What stands for a caller's idempotency key in our rows: whose key, and which.
pub fn request_key(tenant: TenantId, key: &IdempotencyKey) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [&tenant.to_string(), &key.principal, &key.method, &key.route, &key.key] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// A payment.
pub fn find(tx: &mut TenantTx<'_>, id: PaymentId) -> Result<Option<Payment>, DbError> {
    store::payment(tx, id)
}

/// A refund.
pub fn find_refund(tx: &mut TenantTx<'_>, id: RefundId) -> Result<Option<Refund>, DbError> {
    store::refund(tx, id)
}

/// The payment that a request with this idempotency key asked for.
pub fn find_by_request(tx: &mut TenantTx<'_>, request_key: &[u8; 32]) -> Result<Option<Payment>, DbError> {
    Ok(payments::table
        .filter(payments::tenant_id.eq(tx.tenant()))
        .filter(payments::request_key.eq(request_key.to_vec()))
        .select(Payment::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The refund that a request with this idempotency key asked for.
pub fn find_refund_by_request(tx: &mut TenantTx<'_>, request_key: &[u8; 32]) -> Result<Option<Refund>, DbError> {
    Ok(refunds::table
        .filter(refunds::tenant_id.eq(tx.tenant()))
        .filter(refunds::request_key.eq(request_key.to_vec()))
        .select(Refund::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The operation that makes a payment.
pub fn operation_of(tx: &mut TenantTx<'_>, payment: &Payment) -> Result<Option<Operation>, DbError> {
    Operation::find(tx, payment.id, None)
}
