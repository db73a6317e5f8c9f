use crate::chain::{record_account, seal};
use auth::{Authority, HashError, Password, WeakPassword, totp::TotpSecret};
use db::{AuthTx, Db, DbError, schema::administrators};
use diesel::prelude::*;
use kernel::{Actor, ids::AdminId, secrets::Secret};
use tenants::EmailAddress;

/// An administrator to be.
#[derive(Debug, Clone)]
pub struct NewAdministrator {
    /// Their address.
    pub email: EmailAddress,
    /// Their password.
    pub password: Secret,
    /// Their second factor, if it was handed to them already; else their first log-in enrols one.
    pub totp: Option<TotpSecret>,
}

/// Why no administrator was made.
#[derive(Debug, thiserror::Error)]
pub enum EnsureAdministratorError {
    /// The password may not be chosen.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Makes an administrator unless there is one with this address, who stays as they are. Says whether one was made.
pub async fn ensure_administrator(
    db: &Db,
    authority: &Authority,
    new: &NewAdministrator,
) -> Result<bool, EnsureAdministratorError> {
    let email = new.email.clone();
    if db.auth("platform.find_administrator", actor(), move |tx| exists(tx, &email)).await? {
        return Ok(false);
    }
    let own_names = [new.email.as_str(), new.email.local_part()];
    let password = Password::chosen_by_administrator(new.password.expose(), &own_names)?;
    let hash = authority.hasher.hash(&password).await?;
    let sealed = new.totp.as_ref().map(|secret| seal(authority, secret)).transpose()?;
    let email = new.email.clone();
    let made = db
        .auth("platform.ensure_administrator", actor(), move |tx| {
            let Some(id) = insert(tx, &email, &hash, sealed.as_deref())? else { return Ok::<_, DbError>(false) };
            record_account(tx, "administrator.created", id)?;
            Ok(true)
        })
        .await?;
    Ok(made)
}

fn actor() -> Actor {
    Actor::system("administrator set-up")
}

fn exists(tx: &mut AuthTx<'_>, email: &EmailAddress) -> Result<bool, DbError> {
    let query = administrators::table.filter(administrators::email.eq(email.as_str()));
    Ok(diesel::select(diesel::dsl::exists(query)).get_result(tx.conn())?)
}

fn insert(
    tx: &mut AuthTx<'_>,
    email: &EmailAddress,
    hash: &str,
    sealed: Option<&[u8]>,
) -> Result<Option<AdminId>, DbError> {
    let row = (
        administrators::id.eq(tx.new_id::<AdminId>()),
        administrators::email.eq(email.as_str()),
        administrators::password_hash.eq(hash),
        administrators::sealed_totp.eq(sealed),
        administrators::totp_confirmed_at.eq(sealed.map(|_| tx.now())),
        administrators::created_at.eq(tx.now()),
    );
    Ok(diesel::insert_into(administrators::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(administrators::id)
        .get_result(tx.conn())
        .optional()?)
}
