//! Turns a message of the provider into work for the tenant it concerns.

use crate::{FollowPayment, FollowRefund, Gateway};
use ::jobs::{EnqueueFor, Job, JobContext, JobError, PlatformScope, Policy};
use db::{
    DbError, PlatformTx,
    schema::{provider_events, provider_objects},
};
use diesel::prelude::*;
use kernel::ids::{PaymentId, RefundId, TenantId};

/// Finds whose object a message is about and leaves a look at that object (its present state, not the message, is the truth).
///
/// Enqueued by: `payments::receive`. Repeats: safe, a processed message is left alone. Order: none assumed. Gives up: never;
/// a message about an object that stays unknown is marked so at the last attempt. It is tried again until then, because a
/// message may be faster than the commit that names its object.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ProcessProviderEvent {
    /// The provider's id of the message.
    pub event_id: String,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Settled,
    Unknown,
}

#[derive(Debug, thiserror::Error)]
#[error("no payment of ours is known by this object yet")]
struct UnknownObject;

impl Job for ProcessProviderEvent {
    const KIND: &'static str = "payments.process_provider_event";
    const POLICY: Policy = Policy { max_attempts: 12, ..Policy::remote() };
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let last = context.is_last_attempt();
        let outcome: Outcome = context
            .platform("payments.process_provider_event", move |tx| process(tx, &self.event_id, last))
            .await
            .map_err(|error: DbError| JobError::retry(error))?;
        match outcome {
            Outcome::Settled => Ok(()),
            Outcome::Unknown => Err(JobError::retry(UnknownObject)),
        }
    }
}

fn process(tx: &mut PlatformTx<'_>, event_id: &str, last: bool) -> Result<Outcome, DbError> {
    let event: Option<(String, String)> = provider_events::table
        .filter(provider_events::provider.eq(Gateway::PROVIDER))
        .filter(provider_events::event_id.eq(event_id))
        .filter(provider_events::state.eq("received"))
        .select((provider_events::kind, provider_events::object_id))
        .first(tx.conn())
        .optional()?;
    let Some((kind, object)) = event else { return Ok(Outcome::Settled) };
    if !concerns_us(&kind) {
        return settle(tx, event_id, "ignored");
    }
    let owner: Option<(TenantId, PaymentId, Option<RefundId>)> = provider_objects::table
        .filter(provider_objects::provider.eq(Gateway::PROVIDER))
        .filter(provider_objects::provider_id.eq(&object))
        .select((provider_objects::for_tenant, provider_objects::payment_id, provider_objects::refund_id))
        .first(tx.conn())
        .optional()?;
    match owner {
        Some((tenant, _, Some(refund_id))) => {
            tx.enqueue_for(tenant, &FollowRefund { refund_id }, event_id)?;
            settle(tx, event_id, "processed")
        }
        Some((tenant, payment_id, None)) => {
            tx.enqueue_for(tenant, &FollowPayment { payment_id }, event_id)?;
            settle(tx, event_id, "processed")
        }
        None if last => {
            tracing::warn!(event = event_id, kind, "a provider's message is about nothing we know");
            settle(tx, event_id, "unknown")
        }
        None => Ok(Outcome::Unknown),
    }
}

fn concerns_us(kind: &str) -> bool {
    ["payment_intent.", "refund."].iter().any(|family| kind.starts_with(family))
}

fn settle(tx: &mut PlatformTx<'_>, event_id: &str, state: &str) -> Result<Outcome, DbError> {
    diesel::update(provider_events::table)
        .filter(provider_events::provider.eq(Gateway::PROVIDER))
        .filter(provider_events::event_id.eq(event_id))
        .set((provider_events::state.eq(state), provider_events::processed_at.eq(tx.now())))
        .execute(tx.conn())?;
    Ok(Outcome::Settled)
}
