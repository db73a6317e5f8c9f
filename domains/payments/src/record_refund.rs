//! The second half of a refund: what the provider said, written down.

use crate::{Answer, Listener, RecordError, Refund, RefundStatus, escrow, operation::Operation, store};
use db::{DbError, TenantTx, schema::refunds};
use diesel::prelude::*;
use kernel::ids::RefundId;
use ledger::Leg;

/// Records what the provider says of a refund: money that went back leaves the escrow, money that stayed is free again, and
/// the listener is told of a new status. Repeating it changes nothing.
pub fn record_refund(
    tx: &mut TenantTx<'_>,
    listener: &dyn Listener,
    id: RefundId,
    answer: &Answer,
) -> Result<Refund, RecordError> {
    let known = store::refund(tx, id)?.ok_or_else(|| DbError::Corrupt(format!("{id} is unknown")))?;
    listener.lock(tx, known.order_id)?;
    let mut refund = store::lock_refund(tx, id)?;
    let before = refund.status;
    let (status, code) = match answer {
        Answer::Refund(said) => {
            let same_object = refund.provider_id.as_ref().is_none_or(|known| *known == said.provider_id);
            if !same_object || said.money != Some(refund.money()) {
                return Err(alarm(&refund));
            }
            store::claim_object(tx, &said.provider_id, refund.payment_id, Some(id))?;
            refund.provider_id = Some(said.provider_id.clone());
            (said.status, said.failure_code.clone())
        }
        Answer::Refused { code } if refund.provider_id.is_none() => (RefundStatus::Failed, Some(code.clone())),
        Answer::Refused { .. } | Answer::Payment(_) => return Err(alarm(&refund)),
    };
    if before.may_become(status) {
        refund.status = status;
        move_money(tx, &refund, before)?;
    }
    save(tx, &refund, code.filter(|_| status == RefundStatus::Failed))?;
    Operation::finish(tx, refund.payment_id, Some(id))?;
    if refund.status != before {
        listener.refund_changed(tx, &refund)?;
    }
    Ok(refund)
}

fn move_money(tx: &mut TenantTx<'_>, refund: &Refund, before: RefundStatus) -> Result<(), DbError> {
    let order = refund.order_id;
    let mut escrow =
        escrow::lock(tx, order)?.ok_or_else(|| DbError::Corrupt(format!("{order} has a refund and no escrow")))?;
    let (held, provider) = (escrow::account(order), escrow::clearing());
    match (before, refund.status) {
        (RefundStatus::Pending, RefundStatus::Succeeded) => {
            let legs = vec![Leg::debit(held, refund.money()), Leg::credit(provider, refund.money())];
            escrow::book(tx, format!("refund {}", refund.id), legs)?;
            escrow.refunding -= refund.amount;
            escrow.refunded += refund.amount;
        }
        (RefundStatus::Pending, _) => escrow.refunding -= refund.amount,
        _ => {
            let legs = vec![Leg::debit(provider, refund.money()), Leg::credit(held, refund.money())];
            escrow::book(tx, format!("refund.returned {}", refund.id), legs)?;
            escrow.refunded -= refund.amount;
        }
    }
    escrow::save(tx, &escrow)
}

fn save(tx: &mut TenantTx<'_>, refund: &Refund, failure_code: Option<String>) -> Result<(), DbError> {
    diesel::update(refunds::table)
        .filter(refunds::tenant_id.eq(tx.tenant()))
        .filter(refunds::id.eq(refund.id))
        .set((
            refunds::status.eq(refund.status),
            refunds::provider_id.eq(&refund.provider_id),
            refunds::failure_code.eq(failure_code),
            refunds::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn alarm(refund: &Refund) -> RecordError {
    tracing::error!(refund = %refund.id, "the provider's answer does not fit our refund; nothing was booked");
    RecordError::Mismatch
}
