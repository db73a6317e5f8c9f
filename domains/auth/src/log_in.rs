use crate::{
    Authority, HalfwayClaims, HashError, InvalidToken, Password, RequestMeta, StartedSession, Tokens,
    enter::{Entry, enter},
    security_events, throttle,
};
use chrono::{DateTime, Utc};
use db::{AuthTx, Db, DbError, schema::users};
use diesel::prelude::*;
use kernel::{ids::UserId, secrets::Secret};
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

/// What the right password leads to.
#[derive(Debug, Clone)]
pub enum LogInAnswer {
    /// They are in.
    SignedIn(Box<SignedIn>),
    /// A code is still to come, within five minutes.
    CodeNeeded {
        /// Goes with the code to [`crate::confirm_log_in`], and opens nothing else.
        mfa_token: Secret,
    },
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

/// What signing in looks at.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
struct Known {
    id: UserId,
    password_hash: String,
    password_changed_at: DateTime<Utc>,
    totp_confirmed_at: Option<DateTime<Utc>>,
}

/// Signs somebody in: look up, hash outside any transaction, then start the session, unless a code is still to come.
pub async fn log_in(
    db: &Db,
    authority: &Authority,
    command: &LogIn,
    request: RequestMeta,
) -> Result<LogInAnswer, LogInError> {
    let keys = Keys::of(command, request);
    let known = prepare(db, command.email.clone(), &keys, request).await?;
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let right = match &command.password {
        Some(password) => authority.hasher.verify(hash, password).await?,
        None => false,
    };
    let user = known.as_ref().map(|known| known.id);
    let (Some(known), Some(password)) = (known.filter(|_| right), &command.password) else {
        count_failure(db, &keys, user, request).await?;
        return Err(LogInError::WrongCredentials);
    };
    let stronger = authority.hasher.strengthened(&known.password_hash, password).await;
    if known.totp_confirmed_at.is_some() {
        let mfa_token = halfway(authority, &known, db.clock().now())?;
        db.auth("auth.log_in.halfway", request.person(known.id), move |tx| {
            settle(tx, &known, &keys, stronger.as_deref())?;
            security_events::password_accepted(tx, known.id)
        })
        .await?;
        return Ok(LogInAnswer::CodeNeeded { mfa_token });
    }
    let user = known.id;
    let entry = Entry { user, factor: None, user_agent: command.user_agent.clone(), request };
    let (standing, session) = db
        .auth("auth.log_in", request.person(user), move |tx| {
            settle(tx, &known, &keys, stronger.as_deref())?;
            enter(tx, &entry)
        })
        .await?
        .ok_or(LogInError::NoFirm)?;
    Ok(LogInAnswer::SignedIn(Box::new(signed_in(authority, user, (standing, session), db.clock().now())?)))
}

/// What somebody who has entered holds.
pub(crate) fn signed_in(
    authority: &Authority,
    user: UserId,
    (standing, session): (Membership, StartedSession),
    now: DateTime<Utc>,
) -> Result<SignedIn, InvalidToken> {
    let tokens = authority.tokens(user, session, now)?;
    Ok(SignedIn { user, tenant: standing.tenant, role: standing.role, tokens })
}

fn halfway(authority: &Authority, known: &Known, now: DateTime<Utc>) -> Result<Secret, InvalidToken> {
    let claims = HalfwayClaims { sub: known.id, since: known.password_changed_at.timestamp_micros() };
    authority.keyring.sign(claims, now)
}

/// Counts the attempt and finds the person.
async fn prepare(
    db: &Db,
    email: Option<EmailAddress>,
    keys: &Keys,
    request: RequestMeta,
) -> Result<Option<Known>, LogInError> {
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
                Some(email) => find(tx, email)?,
                None => None,
            }))
        })
        .await?;
    Ok(prepared?)
}

fn find(tx: &mut AuthTx<'_>, email: &EmailAddress) -> Result<Option<Known>, DbError> {
    Ok(users::table
        .filter(users::email.eq(email.as_str()))
        .filter(users::disabled_at.is_null())
        .select(Known::as_select())
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

/// Forgets failures, and keeps the stronger hash unless the password was changed meanwhile.
fn settle(tx: &mut AuthTx<'_>, known: &Known, keys: &Keys, stronger: Option<&str>) -> Result<(), DbError> {
    throttle::clear(tx, &keys.account)?;
    if let Some(hash) = stronger {
        let same = users::table.filter(users::id.eq(known.id)).filter(users::password_hash.eq(&known.password_hash));
        diesel::update(same).set(users::password_hash.eq(hash)).execute(tx.conn())?;
    }
    Ok(())
}
