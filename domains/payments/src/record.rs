//! The second half of a payment: what the provider said, written down.

use crate::{Answer, Listener, Payment, PaymentStatus, ProviderPayment, escrow, operation::Operation, store};
use db::{DbError, TenantTx, schema::payments};
use diesel::prelude::*;
use kernel::{Money, ids::PaymentId};
use ledger::{AccountKey, AccountKind, Leg};

/// Why an answer was not written down.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The answer speaks of another object, amount or currency than our row: an alarm, nothing is booked (INV-P2).
    #[error("the provider's answer does not fit our own row")]
    Mismatch,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Records what the provider says of a payment, whether it answers our call or was asked later. Money that has come is held
/// in escrow, the provider's fee is booked, and the listener is told of a new status. Repeating it changes nothing.
pub fn record(
    tx: &mut TenantTx<'_>,
    listener: &dyn Listener,
    id: PaymentId,
    answer: &Answer,
) -> Result<Payment, RecordError> {
    let known = store::payment(tx, id)?.ok_or_else(|| DbError::Corrupt(format!("{id} is unknown")))?;
    listener.lock(tx, known.order_id)?;
    let mut payment = store::lock_payment(tx, id)?;
    let before = payment.status;
    match answer {
        Answer::Payment(said) => take_over(tx, &mut payment, said)?,
        Answer::Refused { code } if payment.provider_id.is_none() => fail(&mut payment, code),
        // A refusal means that nothing exists there, and a refund is not a payment: neither fits what we know.
        Answer::Refused { .. } | Answer::Refund(_) => return Err(alarm(&payment)),
    }
    save(tx, &payment)?;
    Operation::finish(tx, id, None)?;
    if payment.status != before {
        if payment.status == PaymentStatus::Succeeded {
            escrow::hold(tx, &payment)?;
        }
        listener.payment_changed(tx, &payment)?;
    }
    Ok(payment)
}

/// Takes what the provider says into our row, once it is sure that it speaks of the same payment.
fn take_over(tx: &mut TenantTx<'_>, payment: &mut Payment, said: &ProviderPayment) -> Result<(), RecordError> {
    let same_object = payment.provider_id.as_ref().is_none_or(|id| *id == said.provider_id);
    if !same_object || said.money != Some(payment.money()) {
        return Err(alarm(payment));
    }
    store::claim_object(tx, &said.provider_id, payment.id, None)?;
    payment.provider_id = Some(said.provider_id.clone());
    if payment.status.may_become(said.status) {
        payment.status = said.status;
        payment.failure_code =
            said.failure_code.clone().filter(|_| said.status == PaymentStatus::Failed).map(|code| shorten(&code));
    }
    let open = payment.status.is_open();
    payment.client_secret = said.client_secret.clone().filter(|_| open);
    payment.redirect_url = said.redirect_url.clone().filter(|_| open);
    match said.fee {
        Some(fee) if payment.status == PaymentStatus::Succeeded && payment.fee.is_none() => book_fee(tx, payment, fee),
        _ => Ok(()),
    }
}

fn fail(payment: &mut Payment, code: &str) {
    if payment.status.may_become(PaymentStatus::Failed) {
        payment.status = PaymentStatus::Failed;
        payment.failure_code = Some(shorten(code));
    }
}

/// A provider's code is short; whatever else it sends is cut.
fn shorten(code: &str) -> String {
    code.chars().take(100).collect()
}

fn book_fee(tx: &mut TenantTx<'_>, payment: &mut Payment, fee: Money) -> Result<(), RecordError> {
    if fee.amount_minor < 0 {
        return Err(alarm(payment));
    }
    if fee.amount_minor > 0 {
        let legs =
            vec![Leg::debit(AccountKey::of(AccountKind::ProviderFee), fee), Leg::credit(escrow::clearing(), fee)];
        escrow::book(tx, format!("payment.fee {}", payment.id), legs)?;
    }
    payment.fee = Some(fee.amount_minor);
    diesel::update(payments::table)
        .filter(payments::tenant_id.eq(tx.tenant()))
        .filter(payments::id.eq(payment.id))
        .set((payments::fee.eq(payment.fee), payments::fee_currency.eq(fee.currency.as_str())))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    Ok(())
}

fn save(tx: &mut TenantTx<'_>, payment: &Payment) -> Result<(), DbError> {
    diesel::update(payments::table)
        .filter(payments::tenant_id.eq(tx.tenant()))
        .filter(payments::id.eq(payment.id))
        .set((
            payments::status.eq(payment.status),
            payments::provider_id.eq(&payment.provider_id),
            payments::client_secret.eq(&payment.client_secret),
            payments::redirect_url.eq(&payment.redirect_url),
            payments::failure_code.eq(&payment.failure_code),
            payments::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn alarm(payment: &Payment) -> RecordError {
    tracing::error!(payment = %payment.id, "the provider's answer does not fit our payment; nothing was booked");
    RecordError::Mismatch
}
