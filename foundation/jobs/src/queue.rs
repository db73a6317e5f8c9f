//! The rows of the queue: claimed, kept, done, put back, buried.
//!
//! `run_at` is compared with the platform's clock, which may stand ahead; leases live by PostgreSQL's own, which all workers
//! share.

use crate::{JobState, Lease, Policy};
use chrono::{DateTime, Utc};
use db::{DbError, JobsTx, schema::jobs};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Int4, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::ids::{JobId, TenantId};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// The longest reason that is kept, in characters.
const REASON_MAX: usize = 500;

/// What a worker asks for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The worker's name, for people who look at the table.
    pub(crate) owner: String,
    /// Kinds it can run, and how long their leases last.
    pub(crate) kinds: Vec<(&'static str, Policy)>,
    /// Jobs wanted.
    pub(crate) limit: usize,
    /// The most jobs of one tenant that may run at once, counted over all workers.
    pub(crate) tenant_cap: usize,
}

/// A job that this worker may now run.
#[derive(Debug, QueryableByName)]
pub(crate) struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: JobId,
    #[diesel(sql_type = Text)]
    pub(crate) kind: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) for_tenant: Option<TenantId>,
    #[diesel(sql_type = Jsonb)]
    pub(crate) payload: Value,
    /// Counts this run, so that a job which kills its process comes to an end too.
    #[diesel(sql_type = Int4)]
    pub(crate) attempts: i32,
    #[diesel(sql_type = SqlUuid)]
    lease_token: Uuid,
}

impl Claimed {
    pub(crate) const fn lease(&self) -> Lease {
        Lease { job: self.id, token: self.lease_token }
    }
}

/// Leases due jobs, the longest waiting of each tenant first.
///
/// Claimers take turns, so the running jobs of a tenant are counted exactly. A job is left alone while an earlier one with
/// its key runs.
pub(crate) fn claim(tx: &mut JobsTx<'_>, wanted: &Wanted) -> Result<Vec<Claimed>, DbError> {
    let now = tx.now();
    let (kinds, leases): (Vec<&str>, Vec<i64>) =
        wanted.kinds.iter().map(|(kind, policy)| (*kind, millis(policy.lease))).unzip();
    sql_query("SELECT pg_advisory_xact_lock(hashtext('jobs.claim'))").execute(tx.conn())?;
    let claimed = sql_query(include_str!("claim.sql"))
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<BigInt>, _>(leases)
        .bind::<Timestamptz, _>(now)
        .bind::<BigInt, _>(i64::try_from(wanted.tenant_cap).unwrap_or(i64::MAX))
        .bind::<BigInt, _>(i64::try_from(wanted.limit).unwrap_or(i64::MAX))
        .bind::<Text, _>(&wanted.owner)
        .load(tx.conn())?;
    Ok(claimed)
}

/// Keeps a lease for another `length`; false if it is lost.
pub(crate) fn heartbeat(tx: &mut JobsTx<'_>, lease: Lease, length: Duration) -> Result<bool, DbError> {
    let kept = sql_query(
        "UPDATE jobs SET lease_until = clock_timestamp() + $3 * interval '1 millisecond'
         WHERE id = $1 AND lease_token = $2",
    )
    .bind::<SqlUuid, _>(lease.job)
    .bind::<SqlUuid, _>(lease.token)
    .bind::<BigInt, _>(millis(length))
    .execute(tx.conn())?;
    Ok(kept == 1)
}

/// Ends a job that did its work; false if the lease is lost.
pub(crate) fn complete(tx: &mut JobsTx<'_>, lease: Lease) -> Result<bool, DbError> {
    let held = jobs::table.filter(jobs::id.eq(lease.job)).filter(jobs::lease_token.eq(lease.token));
    Ok(diesel::delete(held).execute(tx.conn())? == 1)
}

/// Lets a failed job wait for another attempt; false if the lease is lost.
///
/// A job with its key that came meanwhile goes: the repeat will see what that one was to see.
pub(crate) fn put_back(tx: &mut JobsTx<'_>, lease: Lease, wait: Duration, reason: &str) -> Result<bool, DbError> {
    if !lease.is_held(tx)? {
        return Ok(false);
    }
    let run_at = later(tx.now(), wait);
    sql_query(
        "DELETE FROM jobs t USING jobs own WHERE own.id = $1 AND t.kind = own.kind AND t.dedupe_key = own.dedupe_key
         AND t.state = 'ready'",
    )
    .bind::<SqlUuid, _>(lease.job)
    .execute(tx.conn())?;
    diesel::update(jobs::table.filter(jobs::id.eq(lease.job)))
        .set((jobs::run_at.eq(run_at), Ended::new(JobState::Ready, None, reason)))
        .execute(tx.conn())?;
    Ok(true)
}

/// Puts a job aside for an administrator; false if the lease is lost.
///
/// A job with its key that came meanwhile keeps the key, and gets its own attempts.
pub(crate) fn bury(tx: &mut JobsTx<'_>, lease: Lease, reason: &str) -> Result<bool, DbError> {
    if !lease.is_held(tx)? {
        return Ok(false);
    }
    let now = tx.now();
    sql_query(
        "UPDATE jobs own SET dedupe_key = NULL WHERE id = $1 AND EXISTS (
             SELECT FROM jobs t WHERE t.kind = own.kind AND t.dedupe_key = own.dedupe_key AND t.state = 'ready')",
    )
    .bind::<SqlUuid, _>(lease.job)
    .execute(tx.conn())?;
    diesel::update(jobs::table.filter(jobs::id.eq(lease.job)))
        .set(Ended::new(JobState::Dead, Some(now), reason))
        .execute(tx.conn())?;
    Ok(true)
}

/// What becomes of a job whose lease is over.
#[derive(AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true)]
struct Ended {
    state: JobState,
    finished_at: Option<DateTime<Utc>>,
    lease_owner: Option<String>,
    lease_token: Option<Uuid>,
    lease_until: Option<DateTime<Utc>>,
    last_error: String,
}

impl Ended {
    fn new(state: JobState, finished_at: Option<DateTime<Utc>>, reason: &str) -> Self {
        let last_error = reason.chars().filter(|c| *c != '\0').take(REASON_MAX).collect();
        Self { state, finished_at, lease_owner: None, lease_token: None, lease_until: None, last_error }
    }
}

fn later(now: DateTime<Utc>, wait: Duration) -> DateTime<Utc> {
    chrono::Duration::from_std(wait)
        .ok()
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
