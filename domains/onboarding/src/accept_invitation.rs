use crate::found::stored_email;
use auth::{
    Authority, CreatePersonError, HashError, InvalidToken, NewPerson, NewSession, Password, Person, RequestMeta,
    StartedSession, Tokens, WeakPassword, create_person, find_person_by_email, start_session,
};
use db::{Db, DbError, TenantScope, TenantTx};
use kernel::{
    Actor,
    secrets::{Secret, TenantToken},
};
use tenants::{EmailAddress, Invitation, JoinError, Member, NewMember, Tenant, find_open_invitation};

/// Somebody who was invited and comes.
#[derive(Debug, Clone)]
pub struct AcceptInvitation {
    /// The token of the mail.
    pub token: Secret,
    /// The password they choose, if they have no account yet.
    pub password: Option<Secret>,
    /// What they are called, if they have no account yet; else the part of the address before the `@`.
    pub display_name: Option<String>,
    /// What their browser says it is.
    pub user_agent: Option<String>,
}

/// Somebody who has come.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The firm.
    pub tenant: Tenant,
    /// The person.
    pub person: Person,
    /// Their membership.
    pub member: Member,
    /// Tokens for a person who had no account before; everybody else signs in as ever (INV-ON2).
    pub tokens: Option<Tokens>,
}

/// Why nobody came.
#[derive(Debug, thiserror::Error)]
pub enum AcceptInvitationError {
    /// Unknown, used, taken back, renewed since, older than seven days, or the firm is not at work.
    #[error("the invitation does not work any more")]
    Invalid,
    /// There is no account with this address yet, so a password must be chosen.
    #[error("a password must be chosen")]
    PasswordNeeded,
    /// The account with this address waits for its own verification (INV-ON2).
    #[error("the account's address is not verified")]
    NotVerified,
    /// The firm's plan allows no more members.
    #[error("the plan allows {maximum} members")]
    LimitReached {
        /// How many it allows.
        maximum: i64,
    },
    /// The password may not be chosen.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The tokens could not be signed.
    #[error(transparent)]
    Sign(#[from] InvalidToken),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<JoinError> for AcceptInvitationError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::LimitReached { maximum } => Self::LimitReached { maximum },
            JoinError::Db(error) => Self::Db(error),
        }
    }
}

/// What the transaction found and made.
type Stored = (Tenant, Person, Member, Option<StartedSession>);

/// Makes a person a member by the token that was mailed to them. Somebody without an account gets one, whose address counts as
/// verified, since the token came through it.
pub async fn accept_invitation(
    db: &Db,
    authority: &Authority,
    command: &AcceptInvitation,
    request: RequestMeta,
) -> Result<Accepted, AcceptInvitationError> {
    let token = TenantToken::parse(command.token.expose()).ok_or(AcceptInvitationError::Invalid)?;
    let actor = Actor { request: request.request_id, ip: request.ip, ..Actor::system("invitation") };
    // One of the few places that grant a scope: under it the token's digest is looked up, and nothing else without it.
    let scope = TenantScope::grant(token.tenant, actor);
    let password_hash = hash_if_new(db, authority, (&scope, &token), command).await?;
    let work = (token, command.clone(), password_hash);
    let (tenant, person, member, session) = db
        .tenant("onboarding.accept_invitation", scope, move |tx| {
            let (token, command, password_hash) = &work;
            store(tx, token, command, (password_hash.as_deref(), request))
        })
        .await?;
    let now = db.clock().now();
    let tokens = session.map(|session| authority.tokens(person.id, session, now)).transpose()?;
    Ok(Accepted { tenant, person, member, tokens })
}

/// The hash of the chosen password if the invitation works and nobody has an account with its address.
async fn hash_if_new(
    db: &Db,
    authority: &Authority,
    (scope, token): (&TenantScope, &TenantToken),
    command: &AcceptInvitation,
) -> Result<Option<String>, AcceptInvitationError> {
    let token = token.clone();
    let email = db
        .tenant("onboarding.find_invitation", scope.clone(), move |tx| {
            let (invitation, tenant) = open_invitation(tx, &token)?;
            let known = find_account(tx, &invitation)?;
            Ok::<_, AcceptInvitationError>(known.is_none().then_some((invitation.email, tenant.name)))
        })
        .await?;
    let Some((email, firm)) = email else { return Ok(None) };
    let text = command.password.as_ref().ok_or(AcceptInvitationError::PasswordNeeded)?;
    let local_part = email.split('@').next().unwrap_or_default();
    let name = command.display_name.as_deref().unwrap_or_default();
    let password = Password::chosen(text.expose(), &[&email, local_part, name, &firm])?;
    Ok(Some(authority.hasher.hash(&password).await?))
}

fn store(
    tx: &mut TenantTx<'_>,
    token: &TenantToken,
    command: &AcceptInvitation,
    (password_hash, request): (Option<&str>, RequestMeta),
) -> Result<Stored, AcceptInvitationError> {
    let (invitation, tenant) = open_invitation(tx, token)?;
    let (person, is_new) = match find_account(tx, &invitation)? {
        Some(person) => (person, false),
        None => (make_account(tx, &invitation, command, password_hash)?, true),
    };
    if person.disabled_at.is_some() {
        return Err(AcceptInvitationError::Invalid);
    }
    if person.email_verified_at.is_none() {
        return Err(AcceptInvitationError::NotVerified);
    }
    let new = NewMember {
        user: person.id,
        email: stored_email(&person)?,
        display_name: person.display_name.clone(),
        locale: person.locale,
        role: invitation.role,
    };
    let member = tenants::accept_invitation(tx, &invitation, &new)?;
    let new_session = NewSession {
        user: person.id,
        tenant: tenant.id,
        user_agent: command.user_agent.clone(),
        ip: request.ip,
        stepped_up_at: None,
    };
    let session = if is_new { Some(tx.in_auth(|tx| start_session(tx, &new_session))?) } else { None };
    Ok((tenant, person, member, session))
}

fn open_invitation(tx: &mut TenantTx<'_>, token: &TenantToken) -> Result<(Invitation, Tenant), AcceptInvitationError> {
    let invitation = find_open_invitation(tx, token)?.ok_or(AcceptInvitationError::Invalid)?;
    let tenant = tenants::find(tx)?;
    if tenant.status.may_write() { Ok((invitation, tenant)) } else { Err(AcceptInvitationError::Invalid) }
}

fn find_account(tx: &mut TenantTx<'_>, invitation: &Invitation) -> Result<Option<Person>, AcceptInvitationError> {
    let email = invited_email(invitation)?;
    Ok(tx.in_auth(|tx| find_person_by_email(tx, &email))?)
}

fn make_account(
    tx: &mut TenantTx<'_>,
    invitation: &Invitation,
    command: &AcceptInvitation,
    password_hash: Option<&str>,
) -> Result<Person, AcceptInvitationError> {
    let email = invited_email(invitation)?;
    let new = NewPerson {
        display_name: command.display_name.clone().unwrap_or_else(|| email.local_part().to_owned()),
        email,
        password_hash: password_hash.ok_or(AcceptInvitationError::PasswordNeeded)?.to_owned(),
        locale: invitation.locale,
        email_verified: true,
    };
    tx.in_auth(|tx| create_person(tx, &new)).map_err(|error| match error {
        // Somebody signed up with the address a moment ago, and has not verified it.
        CreatePersonError::EmailTaken => AcceptInvitationError::NotVerified,
        CreatePersonError::Db(error) => error.into(),
    })
}

fn invited_email(invitation: &Invitation) -> Result<EmailAddress, DbError> {
    invitation.email.parse().map_err(|_| DbError::Corrupt("a stored e-mail address is malformed".into()))
}
