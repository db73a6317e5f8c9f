use crate::{Template, jobs::SendMail};
use chrono::{DateTime, Utc};
use db::{DbError, Keep, TenantTx, schema::mails};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::{ids::MailId, text_enum};
use serde_json::Value;
use tenants::Locale;

text_enum! {
    /// How far a mail has come.
    pub(crate) enum MailState {
        /// Waiting to be sent.
        Queued = "queued",
        /// Accepted by the mail server.
        Sent = "sent",
        /// Refused for good.
        Failed = "failed",
    }
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct NewMail {
    /// One address.
    pub to: String,
    /// What it says.
    pub template: Template,
    /// In which language.
    pub locale: Locale,
    /// The template's parameters.
    pub params: Value,
    /// Names the cause: a second mail with the same key to the same address is not sent.
    pub dedupe_key: Option<String>,
}

/// Queues a mail, to be sent once this transaction has committed.
pub fn queue_mail(tx: &mut TenantTx<'_>, mail: &NewMail) -> Result<(), DbError> {
    let id: MailId = tx.new_id();
    let row = (
        mails::id.eq(id),
        mails::recipient.eq(&mail.to),
        mails::template.eq(mail.template),
        mails::locale.eq(mail.locale),
        mails::params.eq(&mail.params),
        mails::dedupe_key.eq(mail.dedupe_key.as_ref().map(|key| format!("{key} {}", mail.to))),
        mails::created_at.eq(tx.now()),
    );
    let inserted = diesel::insert_into(mails::table).values(row).on_conflict_do_nothing().kept().execute(tx.conn())?;
    if inserted == 1 { tx.enqueue(&SendMail { mail_id: id }) } else { Ok(()) }
}

/// A queued mail's row.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = mails)]
pub(crate) struct Mail {
    pub(crate) id: MailId,
    pub(crate) recipient: String,
    pub(crate) template: Template,
    pub(crate) locale: Locale,
    pub(crate) params: Value,
    pub(crate) created_at: DateTime<Utc>,
}

/// The mail, while it still waits.
pub(crate) fn find_queued(tx: &mut TenantTx<'_>, id: MailId) -> Result<Option<Mail>, DbError> {
    Ok(mails::table
        .filter(mails::tenant_id.eq(tx.tenant()))
        .filter(mails::id.eq(id))
        .filter(mails::state.eq(MailState::Queued))
        .select(Mail::as_select())
        .first(tx.conn())
        .optional()?)
}

/// Notes how sending ended, and forgets the parameters.
pub(crate) fn settle(tx: &mut TenantTx<'_>, id: MailId, state: MailState, error: Option<&str>) -> Result<(), DbError> {
    let sent_at = (state == MailState::Sent).then(|| tx.now());
    diesel::update(mails::table.filter(mails::tenant_id.eq(tx.tenant())).filter(mails::id.eq(id)))
        .set((
            mails::state.eq(state),
            mails::sent_at.eq(sent_at),
            mails::last_error.eq(error),
            mails::params.eq(Value::Object(serde_json::Map::new())),
        ))
        .execute(tx.conn())?;
    Ok(())
}
