//! One planned call to the provider.

use crate::PaymentMethod;
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::provider_operations};
use diesel::prelude::*;
use kernel::{
    Money,
    ids::{OperationId, PaymentId, RefundId},
};
use serde::{Deserialize, Serialize};

/// The provider forgets keys after 24 hours: an operation this old must not be repeated.
const KEY_LIFE: Duration = Duration::hours(23);

/// A call that is written down before it is made.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its id; the provider sees `op_<id>` as the idempotency key.
    pub id: OperationId,
    /// The payment it is about.
    pub payment_id: PaymentId,
    /// The refund it makes, unless it makes the payment.
    pub refund_id: Option<RefundId>,
    pub(crate) request: CallRequest,
    /// Whether its outcome is recorded.
    pub done: bool,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
}

/// What is asked of the provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub(crate) enum CallRequest {
    /// Take money.
    Pay { amount: Money, method: PaymentMethod, payment_method: Option<String>, return_url: Option<String> },
    /// Send money back.
    Refund { provider_payment: String, amount: Money },
}

impl Operation {
    /// The key under which the provider does this once (INV-P1).
    pub fn key(&self) -> String {
        format!("op_{}", self.id)
    }

    /// Whether it is too old to be repeated: the provider may have forgotten its key and would do it a second time.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        now - self.created_at > KEY_LIFE
    }

    /// Writes a new operation down.
    pub(crate) fn insert(
        tx: &mut TenantTx<'_>,
        payment_id: PaymentId,
        refund_id: Option<RefundId>,
        request: CallRequest,
    ) -> Result<Self, DbError> {
        let id: OperationId = tx.new_id();
        let stored = serde_json::to_value(&request).map_err(|e| DbError::Corrupt(e.to_string()))?;
        let row = (
            provider_operations::id.eq(id),
            provider_operations::payment_id.eq(payment_id),
            provider_operations::refund_id.eq(refund_id),
            provider_operations::request.eq(stored),
            provider_operations::created_at.eq(tx.now()),
        );
        diesel::insert_into(provider_operations::table).values(row).execute(tx.conn())?;
        Ok(Self { id, payment_id, refund_id, request, done: false, created_at: tx.now() })
    }

    /// The operation that makes a payment, or with `refund` a refund of it.
    pub(crate) fn find(
        tx: &mut TenantTx<'_>,
        payment: PaymentId,
        refund: Option<RefundId>,
    ) -> Result<Option<Self>, DbError> {
        type Row = (OperationId, serde_json::Value, String, DateTime<Utc>);
        let row: Option<Row> = provider_operations::table
            .filter(provider_operations::tenant_id.eq(tx.tenant()))
            .filter(provider_operations::payment_id.eq(payment))
            .filter(provider_operations::refund_id.is_not_distinct_from(refund))
            .select((
                provider_operations::id,
                provider_operations::request,
                provider_operations::state,
                provider_operations::created_at,
            ))
            .first(tx.conn())
            .optional()?;
        row.map(|(id, request, state, created_at)| {
            let request = serde_json::from_value(request).map_err(|e| DbError::Corrupt(e.to_string()))?;
            Ok(Self { id, payment_id: payment, refund_id: refund, request, done: state == "done", created_at })
        })
        .transpose()
    }

    /// Notes that the outcome of the call that makes a payment or refund is known.
    pub(crate) fn finish(tx: &mut TenantTx<'_>, payment: PaymentId, refund: Option<RefundId>) -> Result<(), DbError> {
        diesel::update(provider_operations::table)
            .filter(provider_operations::tenant_id.eq(tx.tenant()))
            .filter(provider_operations::payment_id.eq(payment))
            .filter(provider_operations::refund_id.is_not_distinct_from(refund))
            .filter(provider_operations::state.eq("planned"))
            .set((provider_operations::state.eq("done"), provider_operations::done_at.eq(tx.now())))
            .execute(tx.conn())?;
        Ok(())
    }
}
