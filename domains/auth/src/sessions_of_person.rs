//! A person's own sessions: which there are, and ending them from another one.

use crate::{
    Principal, SignedInPerson,
    session::{IDLE, RevokedReason, revoke, revoke_others},
    standing::own_firm,
};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{AuthTx, Db, DbError, schema::sessions};
use diesel::prelude::*;
use kernel::ids::{SessionId, TenantId, UserId};
use serde_json::json;

/// The most sessions that are listed.
const MOST: i64 = 100;

/// A session that lives.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct OpenSession {
    /// Its id.
    pub id: SessionId,
    /// The firm it works in.
    pub for_tenant: TenantId,
    /// What the browser said it is.
    pub user_agent: Option<String>,
    /// Where it began.
    pub ip: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it began or was last refreshed.
    pub last_seen_at: DateTime<Utc>,
}

/// A person's sessions that live, the one used last first.
pub fn list_sessions(tx: &mut AuthTx<'_>, user: UserId) -> Result<Vec<OpenSession>, DbError> {
    let now = tx.now();
    Ok(sessions::table
        .filter(sessions::user_id.eq(user))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(sessions::last_seen_at.gt(now - IDLE))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .limit(MOST)
        .select(OpenSession::as_select())
        .load(tx.conn())?)
}

/// Ends one of the person's sessions, with all its tokens, at once. Says whether there was one.
pub async fn end_other_session(db: &Db, principal: &Principal<SignedInPerson>, id: SessionId) -> Result<bool, DbError> {
    let principal = *principal;
    db.auth("auth.end_other_session", principal.actor(), move |tx| {
        let is_own = sessions::table.filter(sessions::id.eq(id)).filter(sessions::user_id.eq(principal.who.user_id));
        if !diesel::select(diesel::dsl::exists(is_own)).get_result(tx.conn())? {
            return Ok(false);
        }
        let ended = revoke(tx, id, RevokedReason::Ended)?;
        if ended {
            note(tx, &principal, json!({ "session": id }))?;
        }
        Ok(ended)
    })
    .await
}

/// Ends all the person's sessions but the one they ask from.
pub async fn end_other_sessions(db: &Db, principal: &Principal<SignedInPerson>) -> Result<(), DbError> {
    let principal = *principal;
    db.auth("auth.end_other_sessions", principal.actor(), move |tx| {
        let (user, own) = (principal.who.user_id, principal.who.session_id);
        let ended = revoke_others(tx, user, Some(own), RevokedReason::Ended)?;
        if ended > 0 { note(tx, &principal, json!({ "sessions": ended })) } else { Ok(()) }
    })
    .await
}

fn note(tx: &mut AuthTx<'_>, principal: &Principal<SignedInPerson>, detail: serde_json::Value) -> Result<(), DbError> {
    let scope = own_firm(tx, principal.tenant_id);
    tx.in_tenant(&scope, |tx| tx.audit("auth.sessions_ended", principal.who.user_id, detail))
}
