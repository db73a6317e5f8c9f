use crate::{
    Authority, ChoosePasswordError, Password, Principal, ProofError, SignedInPerson,
    choose_password::choose_password,
    email_token::{EmailTokenPurpose, forget},
    find_person, list_firms,
    notice::tell,
    proof::check_password,
    session::{RevokedReason, revoke_others},
};
use db::{
    AuthTx, Db, DbError,
    schema::{sessions, users},
};
use diesel::prelude::*;
use kernel::{
    ids::{SessionId, UserId},
    secrets::Secret,
};
use notifications::Template;

/// Why the password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The present password was not shown.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The new password was not taken.
    #[error(transparent)]
    Choose(#[from] ChoosePasswordError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Changes a signed-in person's password, which they show first. All their other sessions end.
pub async fn change_password(
    db: &Db,
    authority: &Authority,
    principal: &Principal<SignedInPerson>,
    (present, new): (Option<&Password>, &Secret),
) -> Result<(), ChangePasswordError> {
    let principal = *principal;
    let user = principal.who.user_id;
    let present = check_password(db, authority, &principal, present).await?;
    let names = db.auth("auth.change_password.prepare", principal.actor(), move |tx| own_names(tx, user)).await?;
    let hash = choose_password(&authority.hasher, new, &names.unwrap_or_default()).await?;
    db.auth("auth.change_password", principal.actor(), move |tx| store(tx, &principal, (&present, &hash))).await
}

fn store(
    tx: &mut AuthTx<'_>,
    principal: &Principal<SignedInPerson>,
    (present, new): (&str, &str),
) -> Result<(), ChangePasswordError> {
    let (user, session) = (principal.who.user_id, principal.who.session_id);
    let same = users::table.filter(users::id.eq(user)).filter(users::password_hash.eq(present)).select(users::id);
    if same.for_update().first::<UserId>(tx.conn()).optional().map_err(DbError::from)?.is_none() {
        // Somebody else changed it since it was shown.
        return Err(ProofError::WrongPassword.into());
    }
    store_password(tx, user, new, Some(session))?;
    let this = sessions::table.filter(sessions::id.eq(session));
    diesel::update(this).set(sessions::stepped_up_at.eq(tx.now())).execute(tx.conn()).map_err(DbError::from)?;
    if let Some(person) = find_person(tx, user)? {
        tell(tx, principal.tenant_id, &person, ("auth.password_changed", Template::PasswordChanged))?;
    }
    Ok(())
}

/// Stores a new password: sessions that the old one opened end, except `session`, and links that were mailed before are dead,
/// since whoever knew the old one may have asked for them.
pub(crate) fn store_password(
    tx: &mut AuthTx<'_>,
    user: UserId,
    hash: &str,
    session: Option<SessionId>,
) -> Result<(), DbError> {
    let now = tx.now();
    diesel::update(users::table.filter(users::id.eq(user)))
        .set((users::password_hash.eq(hash), users::password_changed_at.eq(now), users::updated_at.eq(now)))
        .execute(tx.conn())?;
    forget(tx, user, &[EmailTokenPurpose::ResetPassword, EmailTokenPurpose::ChangeEmail])?;
    revoke_others(tx, user, session, RevokedReason::PasswordChanged)?;
    Ok(())
}

/// What a person and their firms go by; `None` if there is no such person.
pub(crate) fn own_names(tx: &mut AuthTx<'_>, user: UserId) -> Result<Option<Vec<String>>, DbError> {
    let Some(person) = find_person(tx, user)? else { return Ok(None) };
    let firms = list_firms(tx, user)?.into_iter().map(|(firm, _)| firm.name);
    Ok(Some([person.email, person.display_name].into_iter().chain(firms).collect()))
}
