//! The last step of every log-in.

use crate::{
    NewSession, RequestMeta, StartedSession,
    second_factor::Factor,
    standing::{own_firm, standing},
    start_session,
};
use audit::Audited;
use db::{AuthTx, DbError};
use kernel::ids::UserId;
use serde_json::json;
use tenants::Membership;

/// Somebody who has shown who they are.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) user: UserId,
    /// What they showed beside the password.
    pub(crate) factor: Option<Factor>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request: RequestMeta,
}

/// Starts a session in the firm they chose last; `None` if they belong to no firm any more.
pub(crate) fn enter(tx: &mut AuthTx<'_>, entry: &Entry) -> Result<Option<(Membership, StartedSession)>, DbError> {
    for tenant in tenants::memberships(tx, entry.user)? {
        let Some(standing) = standing(tx, entry.user, tenant)? else { continue };
        let new = NewSession {
            user: entry.user,
            tenant,
            user_agent: entry.user_agent.clone(),
            ip: entry.request.ip,
            stepped_up_at: None,
        };
        let session = start_session(tx, &new)?;
        let (scope, detail) = (own_firm(tx, tenant), json!({ "user": entry.user, "factor": entry.factor }));
        tx.in_tenant(&scope, |tx| tx.audit("auth.logged_in", session.id, &detail))?;
        return Ok(Some((standing, session)));
    }
    Ok(None)
}
