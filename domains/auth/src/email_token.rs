//! One-time tokens sent by mail.

use crate::{Authority, Person, standing::own_firm};
use chrono::Duration;
use db::{AuthTx, DbError, schema::email_tokens};
use diesel::prelude::*;
use kernel::{
    ids::{TenantId, UserId},
    secrets::{Secret, digest, random_token},
    text_enum,
};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;

text_enum! {
    /// What a token proves or allows.
    pub(crate) enum EmailTokenPurpose {
        /// That whoever presents it reads the mail of a person's address.
        VerifyEmail = "verify_email",
        /// The same of the address that a person wants instead.
        ChangeEmail = "change_email",
        /// To choose another password.
        ResetPassword = "reset_password",
    }
}

impl EmailTokenPurpose {
    /// How long a link works.
    const fn lifetime(self) -> Duration {
        match self {
            Self::VerifyEmail | Self::ChangeEmail => Duration::hours(24),
            Self::ResetPassword => Duration::hours(1),
        }
    }

    /// The page a link leads to, and the mail it comes in.
    const fn carrier(self) -> (&'static str, Template) {
        match self {
            Self::VerifyEmail => ("verify-email", Template::VerifyEmail),
            Self::ChangeEmail => ("verify-email", Template::ChangeEmail),
            Self::ResetPassword => ("reset-password", Template::ResetPassword),
        }
    }
}

/// Queues a mail with a fresh link that verifies the person's address; earlier links are dead. The mail goes out in the name of
/// `tenant`, one of the person's firms.
pub fn queue_verification(
    tx: &mut AuthTx<'_>,
    authority: &Authority,
    person: &Person,
    tenant: TenantId,
) -> Result<(), DbError> {
    queue_link(tx, authority, (person, tenant), (EmailTokenPurpose::VerifyEmail, &person.email))
}

/// Queues a mail with a fresh link to an address; the person's earlier links of the same purpose are dead.
pub(crate) fn queue_link(
    tx: &mut AuthTx<'_>,
    authority: &Authority,
    (person, tenant): (&Person, TenantId),
    (purpose, to): (EmailTokenPurpose, &str),
) -> Result<(), DbError> {
    let token = replace(tx, person.id, purpose, to)?;
    let (page, template) = purpose.carrier();
    let mail = NewMail {
        to: to.to_owned(),
        template,
        locale: person.locale,
        params: json!({ "link": authority.link(page, &token), "name": person.display_name }),
        dedupe_key: None,
    };
    let scope = own_firm(tx, tenant);
    tx.in_tenant(&scope, |tx| queue_mail(tx, &mail))
}

fn replace(tx: &mut AuthTx<'_>, user: UserId, purpose: EmailTokenPurpose, email: &str) -> Result<Secret, DbError> {
    let token = random_token().map_err(|error| DbError::Corrupt(error.to_string()))?;
    forget(tx, user, &[purpose])?;
    diesel::insert_into(email_tokens::table)
        .values((
            email_tokens::digest.eq(digest(token.expose()).to_vec()),
            email_tokens::user_id.eq(user),
            email_tokens::purpose.eq(purpose),
            email_tokens::email.eq(email),
            email_tokens::created_at.eq(tx.now()),
            email_tokens::expires_at.eq(tx.now() + purpose.lifetime()),
        ))
        .execute(tx.conn())?;
    Ok(token)
}

/// Kills a person's links of some purposes.
pub(crate) fn forget(tx: &mut AuthTx<'_>, user: UserId, purposes: &[EmailTokenPurpose]) -> Result<(), DbError> {
    let links =
        email_tokens::table.filter(email_tokens::user_id.eq(user)).filter(email_tokens::purpose.eq_any(purposes));
    diesel::delete(links).execute(tx.conn())?;
    Ok(())
}

/// Whose link this is and to which address it went, if it works for the purpose.
pub(crate) fn look_at(
    tx: &mut AuthTx<'_>,
    wanted: &[u8; 32],
    purpose: EmailTokenPurpose,
) -> Result<Option<(UserId, String)>, DbError> {
    let now = tx.now();
    Ok(email_tokens::table
        .filter(email_tokens::digest.eq(wanted.to_vec()))
        .filter(email_tokens::purpose.eq(purpose))
        .filter(email_tokens::used_at.is_null())
        .filter(email_tokens::expires_at.gt(now))
        .select((email_tokens::user_id, email_tokens::email))
        .first(tx.conn())
        .optional()?)
}

/// The same, and it works no more. Of many at once, one succeeds.
pub(crate) fn use_up(
    tx: &mut AuthTx<'_>,
    wanted: &[u8; 32],
    purpose: EmailTokenPurpose,
) -> Result<Option<(UserId, String)>, DbError> {
    let now = tx.now();
    let usable = email_tokens::table
        .filter(email_tokens::digest.eq(wanted.to_vec()))
        .filter(email_tokens::purpose.eq(purpose))
        .filter(email_tokens::used_at.is_null())
        .filter(email_tokens::expires_at.gt(now));
    Ok(diesel::update(usable)
        .set(email_tokens::used_at.eq(now))
        .returning((email_tokens::user_id, email_tokens::email))
        .get_result(tx.conn())
        .optional()?)
}
