//! The access log of a link.

use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::share_accesses};
use diesel::prelude::*;
use kernel::{
    ids::{ShareAccessId, ShareId},
    text_enum,
};

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

/// Notes an access by the visitor of this transaction.
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
    Ok(())
}
