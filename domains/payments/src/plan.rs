//! The first half of a payment: what will be asked of the provider, written down before it is asked.

use crate::{FollowPayment, Gateway, NewPayment, Operation, PaymentStatus, operation::CallRequest};
use chrono::Duration;
use db::{DbError, TenantTx, schema::payments};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::ids::PaymentId;

/// When somebody looks after an operation that its request has not finished.
pub(crate) const FIRST_LOOK: Duration = Duration::seconds(60);

/// Writes a payment and the operation that will make it; commit, then [`Gateway::perform`], then [`crate::record`].
///
/// The caller holds the lock on the order and has made sure that it may be paid.
pub fn plan(tx: &mut TenantTx<'_>, new: &NewPayment) -> Result<Operation, DbError> {
    let id: PaymentId = tx.new_id();
    let row = (
        payments::id.eq(id),
        payments::order_id.eq(new.order),
        payments::method.eq(new.method),
        payments::status.eq(PaymentStatus::Processing),
        payments::amount.eq(new.amount.amount_minor),
        payments::currency.eq(new.amount.currency),
        payments::provider.eq(Gateway::PROVIDER),
        payments::request_key.eq(new.request_key.to_vec()),
        payments::created_at.eq(tx.now()),
        payments::updated_at.eq(tx.now()),
    );
    diesel::insert_into(payments::table).values(row).execute(tx.conn())?;
    let request = CallRequest::Pay {
        amount: new.amount,
        method: new.method,
        payment_method: new.payment_method.clone(),
        return_url: new.return_url.clone(),
    };
    let operation = Operation::insert(tx, id, None, request)?;
    tx.enqueue_at(&FollowPayment { payment_id: id }, tx.now() + FIRST_LOOK)?;
    Ok(operation)
}
