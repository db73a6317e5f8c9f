use crate::{
    AccessClaims, Keyring, Principal, RequestMeta, SignedInPerson,
    api_key::{ApiKeyToken, authenticate_program},
    standing::membership,
};
use chrono::{DateTime, Utc};
use db::{
    AuthTx, Db, DbError,
    schema::{sessions, users},
};
use diesel::prelude::*;
use std::sync::Arc;

/// Why a request is not let in.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The token, or the session, person, membership or key behind it, does not count (any more).
    #[error("not signed in")]
    NotSignedIn,
    /// The key may not be used from this address.
    #[error("the key may not be used from this address")]
    AddressNotAllowed,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Tells who sends a request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Authenticator {
    keyring: Arc<Keyring>,
}

impl Authenticator {
    /// An authenticator for tokens signed by these keys.
    pub const fn new(keyring: Arc<Keyring>) -> Self {
        Self { keyring }
    }

    /// Whoever is behind a bearer token: a person's access token or a program's key.
    pub async fn identify(&self, db: &Db, bearer: &str, request: RequestMeta) -> Result<Principal, AuthenticateError> {
        match ApiKeyToken::parse(bearer) {
            Some(token) => authenticate_program(db, token, request).await,
            None => self.authenticate(db, bearer, request).await.map(Principal::from),
        }
    }

    /// The person behind an access token. Session, person, membership and firm are read anew in one transaction.
    pub async fn authenticate(
        &self,
        db: &Db,
        bearer: &str,
        request: RequestMeta,
    ) -> Result<Principal<SignedInPerson>, AuthenticateError> {
        let claims =
            self.keyring.verify::<AccessClaims>(db, bearer).await.map_err(|_| AuthenticateError::NotSignedIn)?;
        db.auth("auth.authenticate", request.person(claims.sub), move |tx| identify(tx, claims, request))
            .await?
            .ok_or(AuthenticateError::NotSignedIn)
    }
}

fn identify(
    tx: &mut AuthTx<'_>,
    claims: AccessClaims,
    request: RequestMeta,
) -> Result<Option<Principal<SignedInPerson>>, DbError> {
    let Some((email_verified, stepped_up_at)) = live_session(tx, claims)? else { return Ok(None) };
    let standing = membership(tx, claims.sub, claims.tenant)?;
    Ok(standing.map(|standing| Principal {
        who: SignedInPerson { user_id: claims.sub, session_id: claims.sid, role: standing.role, stepped_up_at },
        tenant_id: claims.tenant,
        permissions: standing.permissions,
        email_verified,
        tenant_status: standing.tenant.status,
        request,
    }))
}

/// Whether the person's address is verified and when they last showed who they are, if the session lives and the person is not
/// disabled.
fn live_session(tx: &mut AuthTx<'_>, claims: AccessClaims) -> Result<Option<(bool, DateTime<Utc>)>, DbError> {
    let now = tx.now();
    Ok(sessions::table
        .inner_join(users::table)
        .filter(sessions::id.eq(claims.sid))
        .filter(sessions::user_id.eq(claims.sub))
        .filter(sessions::for_tenant.eq(claims.tenant))
        .filter(sessions::revoked_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .filter(users::disabled_at.is_null())
        .select((users::email_verified_at.is_not_null(), sessions::stepped_up_at))
        .first(tx.conn())
        .optional()?)
}
