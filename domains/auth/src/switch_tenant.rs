use crate::{
    Authority, InvalidToken, NewSession, Principal, SignedIn, SignedInPerson,
    standing::{own_firm, standing},
    start_session,
};
use audit::Audited;
use db::{Db, DbError};
use kernel::ids::TenantId;
use serde_json::json;

/// A signed-in person who wants to work in another of their firms.
#[derive(Debug, Clone)]
pub struct SwitchTenant {
    /// The other firm.
    pub tenant: TenantId,
    /// What their browser says it is.
    pub user_agent: Option<String>,
}

/// Why the firm was not changed.
#[derive(Debug, thiserror::Error)]
pub enum SwitchTenantError {
    /// They do not belong to that firm, or it does not exist.
    #[error("no such firm")]
    NotFound,
    /// The tokens could not be signed.
    #[error(transparent)]
    Sign(#[from] InvalidToken),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Starts a session of its own in another firm; the present one goes on, so that two tabs can work in two firms.
pub async fn switch_tenant(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
    command: &SwitchTenant,
) -> Result<SignedIn, SwitchTenantError> {
    let user = principal.who.user_id;
    let new = NewSession {
        user,
        tenant: command.tenant,
        user_agent: command.user_agent.clone(),
        ip: principal.request.ip,
        stepped_up_at: Some(principal.who.stepped_up_at),
    };
    let (standing, session) = db
        .auth("auth.switch_tenant", principal.actor(), move |tx| {
            let standing = standing(tx, user, new.tenant)?.ok_or(SwitchTenantError::NotFound)?;
            let session = start_session(tx, &new)?;
            let scope = own_firm(tx, new.tenant);
            tx.in_tenant(&scope, |tx| tx.audit("auth.switched_tenant", session.id, json!({ "user": user })))?;
            Ok::<_, SwitchTenantError>((standing, session))
        })
        .await?;
    let tokens = authority.tokens(user, session, db.clock().now())?;
    Ok(SignedIn { user, tenant: standing.tenant, role: standing.role, tokens })
}
