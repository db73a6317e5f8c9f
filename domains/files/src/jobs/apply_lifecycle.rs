use crate::{FileError, LifecycleRule, bucket::list_buckets, gauge, lifecycle};
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantScope, TenantTx};
use jobs::{Job, JobContext, JobError, Policy};
use kernel::ids::{BucketId, FileId};

/// Files touched in one transaction.
const BATCH: i64 = 100;
/// How often rules run.
const EVERY: Duration = Duration::days(1);

/// Rules, each with the folders of whose uploads another speaks before it.
type Rules = Vec<(BucketId, LifecycleRule, Vec<String>)>;

/// Runs the rules of a tenant's buckets.
///
/// Enqueued by: the sweeper `FindStorageWork`, once a day and soon after a change of rules. Repeats: safe, a rule looks at files
/// as they are. Order: none. Gives up: after many attempts; then an administrator has it run again.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ApplyLifecycle {}

impl Job for ApplyLifecycle {
    const KIND: &'static str = "files.apply_lifecycle";
    const POLICY: Policy = Policy::local();
    type Scope = TenantScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        let (rules, seen) = context.tenant("files.list_lifecycle", rules).await?;
        for (bucket, rule, except) in &rules {
            let (place, own, except) = (*bucket, rule.clone(), except.clone());
            let end = move |tx: &mut TenantTx<'_>| lifecycle::end_uploads(tx, (place, &own, &except), BATCH);
            while context.tenant("files.end_stale_uploads", end.clone()).await? {}
            let mut after: Option<FileId> = None;
            loop {
                let (bucket, rule) = (*bucket, rule.clone());
                let step = move |tx: &mut TenantTx<'_>| lifecycle::run(tx, (bucket, &rule), after, BATCH);
                after = match context.tenant("files.run_lifecycle", step).await.map_err(retry)? {
                    Some(last) => Some(last),
                    None => break,
                };
            }
        }
        let again = !rules.is_empty();
        let next = move |tx: &mut TenantTx<'_>| {
            let at = tx.now() + EVERY;
            gauge::plan_lifecycle(tx, seen, again.then_some(at))
        };
        Ok(context.tenant::<_, DbError, _>("files.plan_lifecycle", next).await?)
    }
}

/// The rules, and when they are to run; a change of rules meanwhile moves that.
fn rules(tx: &mut TenantTx<'_>) -> Result<(Rules, Option<DateTime<Utc>>), DbError> {
    let seen = gauge::next_lifecycle(tx)?;
    let all = list_buckets(tx)?.into_iter();
    let rules = all.flat_map(|bucket| {
        let rules = bucket.lifecycle();
        let with_others =
            |(at, rule): (usize, &LifecycleRule)| (bucket.id, rule.clone(), lifecycle::waiting(&rules[..at]));
        rules.iter().enumerate().map(with_others).collect::<Vec<_>>()
    });
    Ok((rules.collect(), seen))
}

fn retry(error: FileError) -> JobError {
    match error {
        FileError::Db(error) => error.into(),
        error => JobError::retry(error),
    }
}
