use chrono::{DateTime, Utc};
use db::{AuthTx, DbError, schema::users};
use diesel::prelude::*;
use kernel::ids::UserId;
use tenants::{EmailAddress, Locale};

/// A person with an account.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Person {
    /// Their id.
    pub id: UserId,
    /// Their address, normalised.
    pub email: String,
    /// What they are called.
    pub display_name: String,
    /// The language they read.
    pub locale: Locale,
    /// When their address was verified.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// Since when they may not sign in.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Since when they show a second factor at log-in.
    pub totp_confirmed_at: Option<DateTime<Utc>>,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// Counts changes of name, language and address.
    pub version: i64,
}

/// A person to be.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// Their address.
    pub email: EmailAddress,
    /// argon2id hash of their password, from [`crate::Hasher::hash`].
    pub password_hash: String,
    /// What they are called.
    pub display_name: String,
    /// The language they read.
    pub locale: Locale,
    /// Whether they have shown that the address is theirs.
    pub email_verified: bool,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum CreatePersonError {
    /// Somebody has an account with this address.
    #[error("the address has an account")]
    EmailTaken,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes an account.
pub fn create_person(tx: &mut AuthTx<'_>, new: &NewPerson) -> Result<Person, CreatePersonError> {
    insert(tx, new)?.ok_or(CreatePersonError::EmailTaken)
}

fn insert(tx: &mut AuthTx<'_>, new: &NewPerson) -> Result<Option<Person>, DbError> {
    let now = tx.now();
    let row = (
        users::id.eq(tx.new_id::<UserId>()),
        users::email.eq(new.email.as_str()),
        users::password_hash.eq(&new.password_hash),
        users::display_name.eq(&new.display_name),
        users::locale.eq(new.locale),
        users::email_verified_at.eq(new.email_verified.then_some(now)),
        users::password_changed_at.eq(now),
        users::created_at.eq(now),
        users::updated_at.eq(now),
    );
    Ok(diesel::insert_into(users::table)
        .values(row)
        .on_conflict(users::email)
        .do_nothing()
        .returning(Person::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// The person with this id.
pub fn find_person(tx: &mut AuthTx<'_>, id: UserId) -> Result<Option<Person>, DbError> {
    Ok(users::table.filter(users::id.eq(id)).select(Person::as_select()).first(tx.conn()).optional()?)
}

/// The person with this address.
pub fn find_person_by_email(tx: &mut AuthTx<'_>, email: &EmailAddress) -> Result<Option<Person>, DbError> {
    Ok(users::table.filter(users::email.eq(email.as_str())).select(Person::as_select()).first(tx.conn()).optional()?)
}
