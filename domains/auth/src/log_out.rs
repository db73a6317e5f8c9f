use crate::{
    Principal, RequestMeta, SignedInPerson,
    session::{RevokedReason, revoke},
    standing::own_firm,
};
use audit::Audited;
use db::{
    AuthTx, Db, DbError,
    schema::{refresh_tokens, sessions},
};
use diesel::prelude::*;
use kernel::{
    ids::{SessionId, TenantId, UserId},
    secrets::digest,
};
use serde_json::json;

/// Ends the session that a refresh token belongs to, with all its tokens. An unknown token ends nothing, without complaint.
pub async fn log_out(db: &Db, refresh_token: &str, request: RequestMeta) -> Result<(), DbError> {
    let wanted = digest(refresh_token);
    db.auth("auth.log_out", request.visitor(), move |tx| match find(tx, &wanted)? {
        Some((session, user, tenant)) => end(tx, session, user, tenant),
        None => Ok(()),
    })
    .await
}

/// Ends the session of a signed-in person.
pub async fn end_session(db: &Db, principal: &Principal<SignedInPerson>) -> Result<(), DbError> {
    let (session, user, tenant) = (principal.who.session_id, principal.who.user_id, principal.tenant_id);
    db.auth("auth.end_session", principal.actor(), move |tx| end(tx, session, user, tenant)).await
}

fn end(tx: &mut AuthTx<'_>, session: SessionId, user: UserId, tenant: TenantId) -> Result<(), DbError> {
    if !revoke(tx, session, RevokedReason::LogOut)? {
        return Ok(());
    }
    let scope = own_firm(tx, tenant);
    tx.in_tenant(&scope, |tx| tx.audit("auth.logged_out", session, json!({ "user": user })))
}

fn find(tx: &mut AuthTx<'_>, wanted: &[u8; 32]) -> Result<Option<(SessionId, UserId, TenantId)>, DbError> {
    Ok(refresh_tokens::table
        .inner_join(sessions::table)
        .filter(refresh_tokens::digest.eq(wanted.to_vec()))
        .select((sessions::id, sessions::user_id, sessions::for_tenant))
        .first(tx.conn())
        .optional()?)
}
