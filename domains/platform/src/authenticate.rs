use crate::{Administrator, administrator::find, chain::record};
use auth::{AdminClaims, AuthenticateError, Keyring, RequestMeta};
use db::{Db, DbError, PlatformTx};
use kernel::{Actor, ActorKind};
use serde_json::json;

/// A signed-in administrator, as of this request.
#[derive(Debug, Clone)]
pub struct AdminPrincipal {
    /// The administrator.
    pub administrator: Administrator,
    /// Where the request came from.
    pub request: RequestMeta,
}

impl AdminPrincipal {
    /// The actor of the transactions that this request runs.
    pub fn actor(&self) -> Actor {
        Actor {
            request: self.request.request_id,
            ip: self.request.ip,
            ..Actor::new(ActorKind::Administrator, self.administrator.id)
        }
    }
}

/// The administrator behind a token: the account is read anew, and nobody counts whose second factor is not confirmed.
pub async fn authenticate_admin(
    db: &Db,
    keyring: &Keyring,
    bearer: &str,
    request: RequestMeta,
) -> Result<AdminPrincipal, AuthenticateError> {
    let claims = keyring.verify::<AdminClaims>(db, bearer).await.map_err(|_| AuthenticateError::NotSignedIn)?;
    let administrator = db
        .auth("platform.authenticate", request.visitor(), move |tx| find(tx, claims.sub))
        .await?
        .filter(|administrator| administrator.totp_confirmed_at.is_some())
        .ok_or(AuthenticateError::NotSignedIn)?;
    Ok(AdminPrincipal { administrator, request })
}

/// Notes that an administrator looked at their own account, which authentication has read already (INV-AD2).
pub fn note_own_read(tx: &mut PlatformTx<'_>, principal: &AdminPrincipal) -> Result<(), DbError> {
    record(tx, "admin.me_read", principal.administrator.id, json!({}))
}
