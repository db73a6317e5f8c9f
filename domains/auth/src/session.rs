//! Sessions and the first of their refresh tokens.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use db::{
    AuthTx, DbError,
    schema::{refresh_tokens, sessions, user_tenants},
};
use diesel::prelude::*;
use kernel::{
    ids::{Id, SessionId, TenantId, UserId, new_uuid},
    secrets::{Secret, digest, random_bytes},
    text_enum,
};
use std::net::IpAddr;
use uuid::Uuid;

/// A session ends this long after it began, used or not.
const LIFETIME: Duration = Duration::days(90);
/// A session ends when it was not refreshed for this long.
const IDLE: Duration = Duration::days(14);
/// Characters kept of what a browser says it is.
const USER_AGENT_LENGTH: usize = 200;

text_enum! {
    /// Why a session was ended before its time.
    pub(crate) enum RevokedReason {
        /// The person signed out.
        LogOut = "log_out",
        /// An old refresh token was used again.
        RefreshReuse = "refresh_reuse",
        /// The person was disabled or is no longer a member.
        NoStanding = "no_standing",
        /// The firm closed.
        FirmClosed = "firm_closed",
    }
}

/// Somebody who signs in.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The person.
    pub user: UserId,
    /// The firm they will work in.
    pub tenant: TenantId,
    /// What their browser says it is.
    pub user_agent: Option<String>,
    /// Where they are.
    pub ip: Option<IpAddr>,
    /// When they last showed who they are; now if `None`.
    pub stepped_up_at: Option<DateTime<Utc>>,
}

/// A session with the refresh token that continues it.
#[derive(Debug, Clone)]
pub struct StartedSession {
    /// The session.
    pub id: SessionId,
    /// The firm it works in.
    pub tenant: TenantId,
    /// The token; only its digest is stored.
    pub refresh_token: Secret,
}

/// Starts a session. The caller has checked who it is and that they belong to the firm.
pub fn start_session(tx: &mut AuthTx<'_>, new: &NewSession) -> Result<StartedSession, DbError> {
    let token = token_text(random_bytes().map_err(|error| DbError::Corrupt(error.to_string()))?);
    let (id, now) = (tx.new_id::<SessionId>(), tx.now());
    let user_agent = new.user_agent.as_ref().map(|text| text.chars().take(USER_AGENT_LENGTH).collect::<String>());
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(id),
            sessions::user_id.eq(new.user),
            sessions::for_tenant.eq(new.tenant),
            sessions::user_agent.eq(user_agent),
            sessions::ip.eq(new.ip.map(|ip| ip.to_string())),
            sessions::created_at.eq(now),
            sessions::last_seen_at.eq(now),
            sessions::expires_at.eq(now + LIFETIME),
            sessions::stepped_up_at.eq(new.stepped_up_at.unwrap_or(now)),
        ))
        .execute(tx.conn())?;
    insert_token(tx, &NewToken { session: id, parent: None, token: &token, ends: now + LIFETIME })?;
    note_use(tx, new.user, new.tenant)?;
    Ok(StartedSession { id, tenant: new.tenant, refresh_token: token })
}

/// A refresh token to be stored.
pub(crate) struct NewToken<'a> {
    pub(crate) session: SessionId,
    /// Id and generation of the token whose place it takes.
    pub(crate) parent: Option<(Uuid, i32)>,
    pub(crate) token: &'a Secret,
    /// When the session ends.
    pub(crate) ends: DateTime<Utc>,
}

/// Stores a refresh token's digest.
pub(crate) fn insert_token(tx: &mut AuthTx<'_>, new: &NewToken<'_>) -> Result<(), DbError> {
    let now = tx.now();
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::id.eq(new_uuid(now)),
            refresh_tokens::session_id.eq(new.session),
            refresh_tokens::digest.eq(digest(new.token.expose()).to_vec()),
            refresh_tokens::parent_id.eq(new.parent.map(|(id, _)| id)),
            refresh_tokens::generation.eq(new.parent.map_or(0, |(_, generation)| generation + 1)),
            refresh_tokens::created_at.eq(now),
            refresh_tokens::expires_at.eq((now + IDLE).min(new.ends)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Ends a session, once: says whether it was still open.
pub(crate) fn revoke(tx: &mut AuthTx<'_>, id: SessionId, reason: RevokedReason) -> Result<bool, DbError> {
    let open = sessions::table.filter(sessions::id.eq(id)).filter(sessions::revoked_at.is_null());
    let revoked = diesel::update(open)
        .set((sessions::revoked_at.eq(tx.now()), sessions::revoked_reason.eq(reason)))
        .execute(tx.conn())?;
    Ok(revoked == 1)
}

/// The text of 256 secret bits.
pub(crate) fn token_text(bits: [u8; 32]) -> Secret {
    Secret::new(URL_SAFE_NO_PAD.encode(bits))
}

/// Remembers the firm a person chose last, where their next log-in will lead.
fn note_use(tx: &mut AuthTx<'_>, user: UserId, tenant: TenantId) -> Result<(), DbError> {
    let pointer =
        user_tenants::table.filter(user_tenants::user_id.eq(user)).filter(user_tenants::for_tenant.eq(tenant.uuid()));
    diesel::update(pointer).set(user_tenants::last_used_at.eq(tx.now())).execute(tx.conn())?;
    Ok(())
}
