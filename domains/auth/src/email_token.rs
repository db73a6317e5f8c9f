//! One-time tokens sent by mail.

use crate::{Authority, Person, standing::own_firm};
use chrono::Duration;
use db::{AuthTx, DbError, schema::email_tokens};
use diesel::prelude::*;
use kernel::{
    ids::TenantId,
    secrets::{Secret, digest, random_token},
    text_enum,
};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;

/// How long the link in a verification mail works.
const LIFETIME: Duration = Duration::hours(24);

text_enum! {
    /// What a token proves.
    pub(crate) enum EmailTokenPurpose {
        /// That whoever presents it reads the mail of an address.
        VerifyEmail = "verify_email",
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
    let token = replace(tx, person)?;
    let mail = NewMail {
        to: person.email.clone(),
        template: Template::VerifyEmail,
        locale: person.locale,
        params: json!({ "link": authority.link("verify-email", &token), "name": person.display_name }),
        dedupe_key: None,
    };
    let scope = own_firm(tx, tenant);
    tx.in_tenant(&scope, |tx| queue_mail(tx, &mail))
}

fn replace(tx: &mut AuthTx<'_>, person: &Person) -> Result<Secret, DbError> {
    let token = random_token().map_err(|error| DbError::Corrupt(error.to_string()))?;
    let purpose = EmailTokenPurpose::VerifyEmail;
    let earlier =
        email_tokens::table.filter(email_tokens::user_id.eq(person.id)).filter(email_tokens::purpose.eq(purpose));
    diesel::delete(earlier).execute(tx.conn())?;
    diesel::insert_into(email_tokens::table)
        .values((
            email_tokens::digest.eq(digest(token.expose()).to_vec()),
            email_tokens::user_id.eq(person.id),
            email_tokens::purpose.eq(purpose),
            email_tokens::email.eq(&person.email),
            email_tokens::created_at.eq(tx.now()),
            email_tokens::expires_at.eq(tx.now() + LIFETIME),
        ))
        .execute(tx.conn())?;
    Ok(token)
}
