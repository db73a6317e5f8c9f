use crate::{
    Authority, Password, Principal, ProofError, SignedInPerson, proof::check_password, second_factor::try_code,
    standing::own_firm,
};
use audit::Audited;
use db::{AuthTx, Db, DbError, schema::sessions};
use diesel::prelude::*;
use kernel::secrets::Secret;
use serde_json::json;

/// What somebody shows to do what a session alone does not allow.
#[derive(Debug, Clone)]
pub enum StepUp {
    /// Their password, if it can be one at all.
    Password(Option<Password>),
    /// A code of their authenticator, or a recovery code.
    Code(Secret),
}

/// Marks the session as one whose person has just shown who they are.
pub async fn step_up(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
    command: &StepUp,
) -> Result<(), ProofError> {
    let principal = *principal;
    match command {
        StepUp::Password(password) => {
            check_password(db, authority, &principal, password.as_ref()).await?;
            db.auth("auth.step_up", principal.actor(), move |tx| mark(tx, &principal, "password")).await?;
        }
        StepUp::Code(code) => {
            let (signer, code, user) = (authority.clone(), code.clone(), principal.who.user_id);
            let work = move |tx: &mut AuthTx<'_>| match try_code(tx, &signer, (user, code.expose()), principal.request)?
            {
                Ok(Some(factor)) => Ok::<_, DbError>(Ok(Some(mark(tx, &principal, factor.as_str())?))),
                Ok(None) => Ok(Ok(None)),
                Err(throttled) => Ok(Err(throttled)),
            };
            db.auth("auth.step_up", principal.actor(), work).await??.ok_or(ProofError::WrongCode)?;
        }
    }
    Ok(())
}

fn mark(tx: &mut AuthTx<'_>, principal: &Principal<SignedInPerson>, by: &str) -> Result<(), DbError> {
    let session = principal.who.session_id;
    diesel::update(sessions::table.filter(sessions::id.eq(session)))
        .set(sessions::stepped_up_at.eq(tx.now()))
        .execute(tx.conn())?;
    let (scope, detail) = (own_firm(tx, principal.tenant_id), json!({ "user": principal.who.user_id, "by": by }));
    tx.in_tenant(&scope, |tx| tx.audit("auth.stepped_up", session, &detail))
}
