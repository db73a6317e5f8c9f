//! Rows that several use cases share.

use crate::{Gateway, Payment, Refund};
use db::{
    DbError, TenantTx,
    schema::{payments, provider_objects, refunds},
};
use diesel::prelude::*;
use kernel::ids::{PaymentId, RefundId};

pub(crate) fn payment(tx: &mut TenantTx<'_>, id: PaymentId) -> Result<Option<Payment>, DbError> {
    Ok(payments::table
        .filter(payments::tenant_id.eq(tx.tenant()))
        .filter(payments::id.eq(id))
        .select(Payment::as_select())
        .first(tx.conn())
        .optional()?)
}

pub(crate) fn lock_payment(tx: &mut TenantTx<'_>, id: PaymentId) -> Result<Payment, DbError> {
    Ok(payments::table
        .filter(payments::tenant_id.eq(tx.tenant()))
        .filter(payments::id.eq(id))
        .select(Payment::as_select())
        .for_update()
        .first(tx.conn())?)
}

pub(crate) fn refund(tx: &mut TenantTx<'_>, id: RefundId) -> Result<Option<Refund>, DbError> {
    Ok(refunds::table
        .filter(refunds::tenant_id.eq(tx.tenant()))
        .filter(refunds::id.eq(id))
        .select(Refund::as_select())
        .first(tx.conn())
        .optional()?)
}

pub(crate) fn lock_refund(tx: &mut TenantTx<'_>, id: RefundId) -> Result<Refund, DbError> {
    Ok(refunds::table
        .filter(refunds::tenant_id.eq(tx.tenant()))
        .filter(refunds::id.eq(id))
        .select(Refund::as_select())
        .for_update()
        .first(tx.conn())?)
}

/// Notes whose a provider's object is, for messages about it (INV-P4).
pub(crate) fn claim_object(
    tx: &mut TenantTx<'_>,
    provider_id: &str,
    payment: PaymentId,
    refund: Option<RefundId>,
) -> Result<(), DbError> {
    let row = (
        provider_objects::provider.eq(Gateway::PROVIDER),
        provider_objects::provider_id.eq(provider_id),
        provider_objects::for_tenant.eq(tx.tenant()),
        provider_objects::payment_id.eq(payment),
        provider_objects::refund_id.eq(refund),
    );
    diesel::insert_into(provider_objects::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    Ok(())
}
