use crate::found::found_firm;
use auth::{
    Authority, CreatePersonError, HashError, InvalidToken, NewPerson, NewSession, Password, Person, RequestMeta,
    StartedSession, Tokens, WeakPassword, create_person, queue_verification, start_session,
    throttle::{self, ADDRESS, Key, Throttled},
};
use db::{AuthTx, Db, DbError};
use kernel::secrets::Secret;
use tenants::{EmailAddress, Locale, NewTenant, Tenant};

/// A person who signs up with a firm.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// Their address.
    pub email: EmailAddress,
    /// The password they choose.
    pub password: Secret,
    /// What they are called.
    pub display_name: String,
    /// What their firm is called.
    pub company_name: String,
    /// Their language and the firm's.
    pub locale: Locale,
    /// Where the firm's days begin.
    pub time_zone: chrono_tz::Tz,
    /// What their browser says it is.
    pub user_agent: Option<String>,
}

/// A person with a firm, signed in.
#[derive(Debug, Clone)]
pub struct SignedUp {
    /// The firm.
    pub tenant: Tenant,
    /// The person, its owner.
    pub person: Person,
    /// Their tokens.
    pub tokens: Tokens,
}

/// Why nobody was signed up.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    /// The address has an account.
    #[error("the address has an account")]
    EmailTaken,
    /// The password may not be chosen.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// Too many known addresses were tried from where they are.
    #[error(transparent)]
    Throttled(#[from] Throttled),
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

impl From<CreatePersonError> for SignUpError {
    fn from(error: CreatePersonError) -> Self {
        match error {
            CreatePersonError::EmailTaken => Self::EmailTaken,
            CreatePersonError::Db(error) => Self::Db(error),
        }
    }
}

/// Signs a person up: the password is hashed first, then everything happens in one transaction (INV-ON1).
pub async fn sign_up(
    db: &Db,
    authority: &Authority,
    command: &SignUp,
    request: RequestMeta,
) -> Result<SignedUp, SignUpError> {
    let own_names = [command.email.as_str(), command.email.local_part(), &command.display_name, &command.company_name];
    let password = Password::chosen(command.password.expose(), &own_names)?;
    let key = Key::of(&["sign_up", &throttle::origin(request.ip)]);
    let address = key.clone();
    db.auth("onboarding.sign_up.prepare", request.visitor(), move |tx| throttle::check(tx, &address)).await??;
    let password_hash = authority.hasher.hash(&password).await?;
    let (work, signer) = (command.clone(), authority.clone());
    let stored = db
        .auth("onboarding.sign_up", request.visitor(), move |tx| store(tx, &signer, &work, (&password_hash, request)))
        .await;
    if matches!(stored, Err(SignUpError::EmailTaken)) {
        // Whoever tries out who has an account here is slowed down; this answer stands anyway.
        let count = move |tx: &mut AuthTx<'_>| throttle::charge(tx, &key, &ADDRESS).map(|_| ());
        db.auth("onboarding.sign_up.taken", request.visitor(), count).await?;
    }
    let (tenant, person, session) = stored?;
    let tokens = authority.tokens(person.id, session, db.clock().now())?;
    Ok(SignedUp { tenant, person, tokens })
}

fn store(
    tx: &mut AuthTx<'_>,
    authority: &Authority,
    command: &SignUp,
    (password_hash, request): (&str, RequestMeta),
) -> Result<(Tenant, Person, StartedSession), SignUpError> {
    let new_person = NewPerson {
        email: command.email.clone(),
        password_hash: password_hash.to_owned(),
        display_name: command.display_name.clone(),
        locale: command.locale,
        email_verified: false,
    };
    let person = create_person(tx, &new_person)?;
    let new_tenant =
        NewTenant { name: command.company_name.clone(), locale: command.locale, time_zone: command.time_zone };
    let tenant = found_firm(tx, &person, &new_tenant)?;
    queue_verification(tx, authority, &person, tenant.id)?;
    let new_session = NewSession {
        user: person.id,
        tenant: tenant.id,
        user_agent: command.user_agent.clone(),
        ip: request.ip,
        stepped_up_at: None,
    };
    let session = start_session(tx, &new_session)?;
    Ok((tenant, person, session))
}
