use chrono::Duration;
use db::{
    AuthTx, DbError,
    schema::{email_tokens, log_in_throttle, refresh_tokens, sessions},
};
use diesel::prelude::*;
use jobs::{Job, JobContext, JobError, PlatformScope, Policy};

/// Rows removed in one transaction; more follow in the next.
const BATCH: i64 = 1_000;
/// How long an ended session stays listed for questions about it.
const ENDED_FOR: Duration = Duration::days(30);

/// Sweeper: removes sessions that ended a month ago with their refresh tokens, one-time tokens that can serve no more, and
/// throttles that have forgotten.
///
/// Enqueued by: schedule, every hour. Repeats: safe. Order: none. Gives up: never.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ForgetEnded {}

impl Job for ForgetEnded {
    const KIND: &'static str = "auth.forget_ended";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        while context.auth("auth.forget_ended", forget_some).await? > 0 {}
        Ok(())
    }
}

/// Removes a batch of each kind; says how many rows went.
fn forget_some(tx: &mut AuthTx<'_>) -> Result<usize, DbError> {
    Ok(forget_sessions(tx)? + forget_email_tokens(tx)? + forget_throttles(tx)?)
}

fn forget_sessions(tx: &mut AuthTx<'_>) -> Result<usize, DbError> {
    let before = tx.now() - ENDED_FOR;
    let ended = sessions::table
        .filter(sessions::expires_at.lt(before).or(sessions::revoked_at.lt(before)))
        .order(sessions::id)
        .limit(BATCH)
        .select(sessions::id)
        .load::<kernel::ids::SessionId>(tx.conn())?;
    // A token refers to its parent, and all of a session go in one statement.
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(&ended))).execute(tx.conn())?;
    Ok(diesel::delete(sessions::table.filter(sessions::id.eq_any(&ended))).execute(tx.conn())?)
}

fn forget_email_tokens(tx: &mut AuthTx<'_>) -> Result<usize, DbError> {
    let now = tx.now();
    let over = email_tokens::table
        .filter(email_tokens::expires_at.lt(now))
        .limit(BATCH)
        .select(email_tokens::digest)
        .load::<Vec<u8>>(tx.conn())?;
    Ok(diesel::delete(email_tokens::table.filter(email_tokens::digest.eq_any(&over))).execute(tx.conn())?)
}

fn forget_throttles(tx: &mut AuthTx<'_>) -> Result<usize, DbError> {
    let now = tx.now();
    let over = log_in_throttle::table
        .filter(log_in_throttle::forgotten_at.lt(now))
        .limit(BATCH)
        .select(log_in_throttle::key)
        .for_update()
        .skip_locked()
        .load::<Vec<u8>>(tx.conn())?;
    Ok(diesel::delete(log_in_throttle::table.filter(log_in_throttle::key.eq_any(&over))).execute(tx.conn())?)
}
