use crate::{
    Authority, HashError, InvalidToken, NewSession, Password, RequestMeta, StartedSession, Tokens,
    security_events,
    standing::{own_firm, standing},
    start_session, throttle,
};
use audit::Audited;
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::ids::UserId;
use serde_json::json;
use tenants::{EmailAddress, MemberRole, Membership, Tenant};
use throttle::{ACCOUNT, ADDRESS, Key, Throttled};

/// Somebody who wants to sign in.
#[derive(Debug, Clone)]
pub struct LogIn {
    /// Their address, if it is one at all.
    pub email: Option<EmailAddress>,
    /// Their password, if it can be one at all.
    pub password: Option<Password>,
    /// What their browser says it is.
    pub user_agent: Option<String>,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub user: UserId,
    /// The firm they work in: the one they chose last.
    pub tenant: Tenant,
    /// Their role there.
    pub role: MemberRole,
    /// Their tokens.
    pub tokens: Tokens,
}

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Address or password is wrong; which of them is not told.
    #[error("address or password is wrong")]
    WrongCredentials,
    /// They belong to no firm any more, or to closed ones only.
    #[error("no firm to sign in to")]
    NoFirm,
    /// Too many failures from where they are.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The tokens could not be signed.
    #[error(transparent)]
    Sign(#[from] InvalidToken),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What is slowed down by this attempt's failure.
#[derive(Debug, Clone)]
struct Keys {
    account: Key,
    address: Key,
}

impl Keys {
    fn of(command: &LogIn, request: RequestMeta) -> Self {
        let ip = throttle::origin(request.ip);
        let email = command.email.as_ref().map_or("", EmailAddress::as_str);
        Self { account: Key::of(&["account", email, &ip]), address: Key::of(&["address", &ip]) }
    }
}

/// Signs somebody in: look up, hash outside any transaction, then start the session.
pub async fn log_in(
    db: &Db,
    authority: &Authority,
    command: &LogIn,
    request: RequestMeta,
) -> Result<SignedIn, LogInError> {
    let keys = Keys::of(command, request);
    let known = prepare(db, command.email.clone(), &keys, request).await?;
    let (user, hash) = known.unzip();
    let right = match &command.password {
        Some(password) => authority.hasher.verify(hash, password).await?,
        None => false,
    };
    let Some(user) = user.filter(|_| right) else {
        count_failure(db, &keys, user, request).await?;
        return Err(LogInError::WrongCredentials);
    };
    let new = (command.user_agent.clone(), request);
    let (standing, session) = db
        .auth("auth.log_in", request.person(user), move |tx| finish(tx, user, &keys, &new))
        .await?
        .ok_or(LogInError::NoFirm)?;
    let tokens = authority.tokens(user, session, db.clock().now())?;
    Ok(SignedIn { user, tenant: standing.tenant, role: standing.role, tokens })
}

/// Counts the attempt and finds person and hash.
async fn prepare(
    db: &Db,
    email: Option<EmailAddress>,
    keys: &Keys,
    request: RequestMeta,
) -> Result<Option<(UserId, String)>, LogInError> {
    let keys = keys.clone();
    let prepared = db
        .auth("auth.log_in.prepare", request.visitor(), move |tx| {
            if let Err(throttled) = throttle::check(tx, &keys.address)? {
                return Ok::<_, DbError>(Err(throttled));
            }
            if let Err(throttled) = throttle::charge(tx, &keys.account, &ACCOUNT)? {
                return Ok(Err(throttled));
            }
            Ok(Ok(match &email {
                Some(email) => find_hash(tx, email)?,
                None => None,
            }))
        })
        .await?;
    Ok(prepared?)
}

fn find_hash(tx: &mut AuthTx<'_>, email: &EmailAddress) -> Result<Option<(UserId, String)>, DbError> {
    Ok(users::table
        .filter(users::email.eq(email.as_str()))
        .filter(users::disabled_at.is_null())
        .select((users::id, users::password_hash))
        .first(tx.conn())
        .optional()?)
}

async fn count_failure(db: &Db, keys: &Keys, user: Option<UserId>, request: RequestMeta) -> Result<(), DbError> {
    let address = keys.address.clone();
    db.auth("auth.log_in.failed", request.visitor(), move |tx| {
        // Being slowed down by now changes nothing for this attempt, which failed anyway.
        let _ = throttle::charge(tx, &address, &ADDRESS)?;
        security_events::log_in_failed(tx, user)
    })
    .await
}

fn finish(
    tx: &mut AuthTx<'_>,
    user: UserId,
    keys: &Keys,
    (user_agent, request): &(Option<String>, RequestMeta),
) -> Result<Option<(Membership, StartedSession)>, DbError> {
    throttle::clear(tx, &keys.account)?;
    for tenant in tenants::memberships(tx, user)? {
        let Some(standing) = standing(tx, user, tenant)? else { continue };
        let new = NewSession { user, tenant, user_agent: user_agent.clone(), ip: request.ip, stepped_up_at: None };
        let session = start_session(tx, &new)?;
        let scope = own_firm(tx, tenant);
        tx.in_tenant(&scope, |tx| tx.audit("auth.logged_in", session.id, json!({ "user": user })))?;
        return Ok(Some((standing, session)));
    }
    Ok(None)
}
