//! The access log of a link.

use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::share_accesses};
use diesel::prelude::*;
use kernel::{
    ids::{Id, ShareAccessId, ShareId},
    text_enum,
};
use uuid::Uuid;

/// How long an access is remembered while the link is used.
const REMEMBERED: Duration = Duration::days(180);
/// Characters that are kept of what a browser says it is.
const LONGEST_AGENT: usize = 300;

text_enum! {
    /// What came of an access.
    pub enum AccessResult {
        /// The page or the list was shown.
        Opened = "opened",
        /// The password was right.
        Unlocked = "unlocked",
        /// The password was wrong.
        WrongPassword = "wrong_password",
        /// The address had sent too many wrong passwords.
        Throttled = "throttled",
        /// Content was sent, and counted.
        Downloaded = "downloaded",
        /// No download was left.
        UsedUp = "used_up",
        /// A file was brought.
        Dropped = "dropped",
        /// The link was revoked or had expired.
        Ended = "ended",
    }
}

/// One access by a link.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = share_accesses)]
pub struct Access {
    /// Its id.
    pub id: ShareAccessId,
    /// When.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub result: AccessResult,
    /// The file, seen from the share; nothing for the share as a whole.
    pub path: Option<String>,
    /// The address it came from.
    pub ip: Option<String>,
    /// What the browser or program says it is.
    pub user_agent: Option<String>,
}

/// Notes an access by the visitor of this transaction, and forgets those of long ago.
pub(crate) fn note(
    tx: &mut TenantTx<'_>,
    share: ShareId,
    (result, path): (AccessResult, Option<&str>),
    user_agent: Option<&str>,
) -> Result<(), DbError> {
    let row = (
        share_accesses::share_id.eq(share),
        share_accesses::id.eq(tx.new_id::<ShareAccessId>()),
        share_accesses::at.eq(tx.now()),
        share_accesses::result.eq(result),
        share_accesses::path.eq(path),
        share_accesses::ip.eq(tx.actor().ip.map(|ip| ip.to_string())),
        share_accesses::user_agent.eq(user_agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect::<String>())),
    );
    diesel::insert_into(share_accesses::table).values(row).execute(tx.conn())?;
    diesel::delete(
        share_accesses::table
            .filter(share_accesses::tenant_id.eq(tx.tenant()))
            .filter(share_accesses::share_id.eq(share))
            .filter(share_accesses::id.lt(first_of(tx.now() - REMEMBERED))),
    )
    .execute(tx.conn())?;
    Ok(())
}

/// The least id that an access at an instant can have.
fn first_of(at: DateTime<Utc>) -> ShareAccessId {
    let milliseconds = u128::try_from(at.timestamp_millis()).unwrap_or_default();
    ShareAccessId::from_uuid(Uuid::from_u128(milliseconds << 80))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_at_an_instant_sort_after_its_first() {
        let at = Utc::now();
        let id = ShareAccessId::new(at);
        assert!(first_of(at - Duration::seconds(1)) < id && id < first_of(at + Duration::days(1)));
    }
}
