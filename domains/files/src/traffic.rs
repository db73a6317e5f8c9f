//! What was read, counted in memory and written down every few seconds.
//!
//! Nobody who reads waits for it. What was counted goes into one transaction: a fact of the firm's use, whose id is made before, and
//! the days of the buckets. If it is not known whether that was committed, it is tried again under the same id. A process that
//! dies at once loses what it counted last, a few seconds of it, in the firm's favour.

use chrono::{DateTime, NaiveDate, Utc};
use db::{Db, DbError, TenantScope, TenantTx, schema::bucket_traffic_days};
use diesel::{prelude::*, upsert::excluded};
use kernel::ids::{Id, TenantId, UsageId};
use metering::Meter;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

/// How long what was counted waits.
const EVERY: Duration = Duration::from_secs(5);

/// What was read of a bucket on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) reads: i64,
    pub(crate) bytes: i64,
}

type Counts = BTreeMap<(String, NaiveDate), Count>;

/// What goes into one transaction.
#[derive(Debug, Clone)]
struct Batch {
    id: UsageId,
    counts: Counts,
}

/// What waits of one firm.
#[derive(Debug)]
struct Firm {
    scope: TenantScope,
    counts: Counts,
    /// Tried already, and perhaps committed.
    tried: Option<Batch>,
}

#[derive(Debug, Default)]
struct Waiting {
    firms: Mutex<BTreeMap<TenantId, Firm>>,
    /// One writes at a time.
    turn: tokio::sync::Mutex<()>,
}

/// Counts the reads that a process answers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Traffic {
    db: Db,
    waiting: Arc<Waiting>,
}

impl Traffic {
    /// Nothing is counted yet.
    pub fn new(db: Db) -> Self {
        Self { db, waiting: Arc::default() }
    }

    /// Writes down every few seconds what was counted, until nobody counts any more. Needs a tokio runtime.
    pub fn keep_writing(&self) {
        tokio::spawn(keep_writing(self.db.clone(), Arc::downgrade(&self.waiting)));
    }

    /// A read of a bucket is answered with content.
    pub fn answered(&self, scope: &TenantScope, bucket: &str) {
        self.add(scope, bucket, Count { reads: 1, bytes: 0 });
    }

    /// Bytes of a bucket leave.
    pub fn sent(&self, scope: &TenantScope, bucket: &str, bytes: usize) {
        self.add(scope, bucket, Count { reads: 0, bytes: i64::try_from(bytes).unwrap_or(i64::MAX) });
    }

    fn add(&self, scope: &TenantScope, bucket: &str, count: Count) {
        let day = self.db.clock().now().date_naive();
        let mut firms = self.firms();
        let none = || Firm { scope: scope.clone(), counts: Counts::new(), tried: None };
        let firm = firms.entry(scope.tenant()).or_insert_with(none);
        let sum = firm.counts.entry((bucket.to_owned(), day)).or_default();
        sum.reads += count.reads;
        sum.bytes = sum.bytes.saturating_add(count.bytes);
    }

    /// Writes down what was counted of a firm. What cannot be written now waits.
    pub async fn write_down(&self, tenant: TenantId) {
        let _turn = self.waiting.turn.lock().await;
        // What was tried before, and then what came since; what comes meanwhile waits for the next time.
        for _ in 0..2 {
            let Some((scope, batch)) = self.next(tenant) else { return };
            let tried = batch.clone();
            let work = move |tx: &mut TenantTx<'_>| record(tx, tried.id, &tried.counts);
            if let Err(error) = self.db.tenant::<_, DbError, _>("files.record_reads", scope, work).await {
                let reads: i64 = batch.counts.values().map(|count| count.reads).sum();
                tracing::warn!(%error, %tenant, reads, "reads were counted and could not be written down yet");
                return;
            }
            if let Some(firm) = self.firms().get_mut(&tenant) {
                firm.tried = None;
            }
        }
    }

    /// Writes down all that was counted: a process that ends in order loses nothing.
    pub async fn write_all_down(&self) {
        let tenants: Vec<TenantId> = self.firms().keys().copied().collect();
        for tenant in tenants {
            self.write_down(tenant).await;
        }
    }

    /// What is to be written next of a firm, which is forgotten when there is nothing.
    fn next(&self, tenant: TenantId) -> Option<(TenantScope, Batch)> {
        let now = self.db.clock().now();
        let mut firms = self.firms();
        let firm = firms.get_mut(&tenant)?;
        if firm.tried.is_none() && firm.counts.is_empty() {
            firms.remove(&tenant);
            return None;
        }
        let batch = firm.tried.get_or_insert_with(|| Batch::of(&mut firm.counts, now));
        Some((firm.scope.clone(), batch.clone()))
    }

    fn firms(&self) -> MutexGuard<'_, BTreeMap<TenantId, Firm>> {
        self.waiting.firms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    fn of(counts: &mut Counts, now: DateTime<Utc>) -> Self {
        Self { id: UsageId::new(now), counts: std::mem::take(counts) }
    }
}

async fn keep_writing(db: Db, waiting: Weak<Waiting>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(waiting) = waiting.upgrade() else { return };
        Traffic { db: db.clone(), waiting }.write_all_down().await;
    }
}

/// What one read is.
pub(crate) fn once(tx: &TenantTx<'_>, bucket: &str, bytes: i64) -> BTreeMap<(String, NaiveDate), Count> {
    Counts::from([((bucket.to_owned(), tx.now().date_naive()), Count { reads: 1, bytes })])
}

/// Counts reads in the firm's use and in the days of its buckets; not again, if that `id` was counted.
pub(crate) fn record(tx: &mut TenantTx<'_>, id: UsageId, counts: &Counts) -> Result<(), DbError> {
    use bucket_traffic_days as days;
    let sum = counts.values().fold(0_i64, |sum, count| sum.saturating_add(count.bytes));
    if !metering::record(tx, id, Meter::EgressBytes, sum)? {
        return Ok(());
    }
    let rows: Vec<_> = counts
        .iter()
        .map(|((bucket, day), count)| {
            (
                days::bucket.eq(bucket),
                days::day.eq(*day),
                days::read_requests.eq(count.reads),
                days::egress_bytes.eq(count.bytes),
            )
        })
        .collect();
    diesel::insert_into(days::table)
        .values(rows)
        .on_conflict((days::tenant_id, days::bucket, days::day))
        .do_update()
        .set((
            days::read_requests.eq(days::read_requests + excluded(days::read_requests)),
            days::egress_bytes.eq(days::egress_bytes + excluded(days::egress_bytes)),
        ))
        .execute(tx.conn())?;
    Ok(())
}
