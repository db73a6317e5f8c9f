use crate::{
    Authority, ChoosePasswordError, RequestMeta,
    change_password::{own_names, store_password},
    choose_password::choose_password,
    email_token::{EmailTokenPurpose, look_at, use_up},
    find_person,
    notice::tell,
};
use db::{AuthTx, Db, DbError};
use kernel::secrets::{Secret, digest};
use notifications::Template;

/// Why no password was chosen.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// Unknown, used, replaced by a newer one, older than an hour, or the person has another address by now.
    #[error("the link does not work any more")]
    Invalid,
    /// The password was not taken. The link still works.
    #[error(transparent)]
    Choose(#[from] ChoosePasswordError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Sets another password by the token that was mailed. All sessions end; a second factor is asked for as ever.
pub async fn reset_password(
    db: &Db,
    authority: &Authority,
    (token, password): (&Secret, &Secret),
    request: RequestMeta,
) -> Result<(), ResetPasswordError> {
    let wanted = digest(token.expose());
    let look = move |tx: &mut AuthTx<'_>| match look_at(tx, &wanted, EmailTokenPurpose::ResetPassword)? {
        Some((user, _)) => own_names(tx, user),
        None => Ok(None),
    };
    let names = db.auth("auth.reset_password.prepare", request.visitor(), look).await?;
    let names = names.ok_or(ResetPasswordError::Invalid)?;
    let hash = choose_password(&authority.hasher, password, &names).await?;
    db.auth("auth.reset_password", request.visitor(), move |tx| store(tx, &wanted, &hash)).await
}

fn store(tx: &mut AuthTx<'_>, wanted: &[u8; 32], hash: &str) -> Result<(), ResetPasswordError> {
    let link = use_up(tx, wanted, EmailTokenPurpose::ResetPassword)?;
    let (user, email) = link.ok_or(ResetPasswordError::Invalid)?;
    let person = find_person(tx, user)?.filter(|person| person.disabled_at.is_none() && person.email == email);
    let person = person.ok_or(ResetPasswordError::Invalid)?;
    store_password(tx, user, hash, None)?;
    if let Some(tenant) = tenants::memberships(tx, user)?.first().copied() {
        tell(tx, tenant, &person, ("auth.password_reset", Template::PasswordChanged))?;
    }
    Ok(())
}
