//! Rotation of refresh tokens with reuse detection.

use crate::{
    Authority, InvalidToken, RequestMeta, StartedSession, Tokens,
    session::{NewToken, RevokedReason, insert_token, revoke},
    standing::{own_firm, standing},
};
use audit::Audited;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use db::{
    AuthTx, Db, DbError,
    schema::{refresh_tokens, sessions, users},
};
use diesel::prelude::*;
use kernel::{
    ids::{SessionId, TenantId, UserId},
    secrets::digest,
};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;
use tenants::Locale;
use uuid::Uuid;

/// How long after its use a token may be presented again by somebody who did not get the answer.
const GRACE: Duration = Duration::seconds(10);

/// Why a session was not continued.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Unknown, expired, revoked, or used too long ago: signing in anew is the only way on.
    #[error("the refresh token is not valid")]
    Invalid,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<InvalidToken> for RefreshError {
    fn from(_: InvalidToken) -> Self {
        Self::Invalid
    }
}

/// A token's row with its session's.
#[derive(Clone, Queryable)]
struct Presented {
    id: Uuid,
    generation: i32,
    used_at: Option<DateTime<Utc>>,
    session: SessionId,
    user: UserId,
    tenant: TenantId,
    session_ends: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

/// Continues a session: the token presented is used up and a child takes its place. Whoever presents the same token within
/// the grace time, because the answer was lost or two tabs asked at once, gets the same child. Any other second use ends the
/// session (INV-I2, INV-I3).
pub async fn refresh(
    db: &Db,
    authority: &Authority,
    token: &str,
    request: RequestMeta,
) -> Result<Tokens, RefreshError> {
    let (signer, wanted) = (authority.clone(), digest(token));
    let continued = db.auth("auth.refresh", request.visitor(), move |tx| rotate(tx, &signer, &wanted)).await?;
    let (user, session) = continued.ok_or(RefreshError::Invalid)?;
    Ok(authority.tokens(user, session, db.clock().now())?)
}

/// `None` is an answer that commits: what was found out about a stolen token must stay.
fn rotate(
    tx: &mut AuthTx<'_>,
    authority: &Authority,
    wanted: &[u8; 32],
) -> Result<Option<(UserId, StartedSession)>, DbError> {
    let won = use_up(tx, wanted)?;
    let Some(row) = find(tx, wanted)? else { return Ok(None) };
    if row.revoked_at.is_some() || row.session_ends <= tx.now() {
        return Ok(None);
    }
    if standing(tx, row.user, row.tenant)?.is_none() {
        revoke(tx, row.session, RevokedReason::NoStanding)?;
        return Ok(None);
    }
    let child = authority.child_token(row.id);
    if won {
        let parent = Some((row.id, row.generation));
        insert_token(tx, &NewToken { session: row.session, parent, token: &child, ends: row.session_ends })?;
        touch(tx, row.session)?;
    } else {
        match row.used_at {
            None => return Ok(None),
            Some(used_at) if tx.now() - used_at <= GRACE && has_unused_child(tx, row.id)? => {}
            Some(_) => {
                end_after_reuse(tx, &row)?;
                return Ok(None);
            }
        }
    }
    Ok(Some((row.user, StartedSession { id: row.session, tenant: row.tenant, refresh_token: child })))
}

/// Marks a token that may still be used as used. Of many at once, one succeeds; the others wait for its outcome.
fn use_up(tx: &mut AuthTx<'_>, wanted: &[u8; 32]) -> Result<bool, DbError> {
    let now = tx.now();
    let live = sessions::table
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .select(sessions::id);
    let usable = refresh_tokens::table
        .filter(refresh_tokens::digest.eq(wanted.to_vec()))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .filter(refresh_tokens::session_id.eq_any(live));
    Ok(diesel::update(usable).set(refresh_tokens::used_at.eq(now)).execute(tx.conn())? == 1)
}

fn find(tx: &mut AuthTx<'_>, wanted: &[u8; 32]) -> Result<Option<Presented>, DbError> {
    Ok(refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::digest.eq(wanted.to_vec()))
        .select((
            refresh_tokens::id,
            refresh_tokens::generation,
            refresh_tokens::used_at,
            sessions::id,
            sessions::user_id,
            sessions::for_tenant,
            sessions::expires_at,
            sessions::revoked_at,
        ))
        .first(tx.conn())
        .optional()?)
}

/// Whether the token's child is the newest of its session.
fn has_unused_child(tx: &mut AuthTx<'_>, parent: Uuid) -> Result<bool, DbError> {
    let child =
        refresh_tokens::table.filter(refresh_tokens::parent_id.eq(parent)).filter(refresh_tokens::used_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(child)).get_result(tx.conn())?)
}

fn touch(tx: &mut AuthTx<'_>, session: SessionId) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(sessions::table.filter(sessions::id.eq(session)))
        .set(sessions::last_seen_at.eq(now))
        .execute(tx.conn())?;
    Ok(())
}

/// Ends the session, and tells the audit log and the person.
fn end_after_reuse(tx: &mut AuthTx<'_>, row: &Presented) -> Result<(), DbError> {
    if !revoke(tx, row.session, RevokedReason::RefreshReuse)? {
        return Ok(());
    }
    let (email, locale): (String, Locale) =
        users::table.filter(users::id.eq(row.user)).select((users::email, users::locale)).first(tx.conn())?;
    let mail = NewMail {
        to: email,
        template: Template::RefreshReuse,
        locale,
        params: json!({ "at": tx.now().to_rfc3339_opts(SecondsFormat::Secs, true) }),
        dedupe_key: Some(format!("refresh_reuse {}", row.session)),
    };
    let scope = own_firm(tx, row.tenant);
    tx.in_tenant(&scope, |tx| {
        tx.audit("auth.refresh_reuse", row.session, json!({ "user": row.user, "generation": row.generation }))?;
        queue_mail(tx, &mail)
    })
}
