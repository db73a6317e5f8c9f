use crate::{NewMail, Template, queue_mail};
use db::{DbError, Keep, TenantTx, schema::notifications};
use diesel::prelude::*;
use kernel::{
    ids::NotificationId,
    permission::{Permission, Role},
};
use serde_json::Value;
use tenants::Recipient;

/// Who in a firm is told.
#[derive(Debug, Clone, Copy)]
pub enum Audience<'a> {
    /// Members with any of these built-in roles.
    Roles(&'a [Role]),
    /// Members whose role, built-in or the firm's own, has this permission.
    Allowed(Permission),
}

impl Audience<'_> {
    fn members(self, tx: &mut TenantTx<'_>) -> Result<Vec<Recipient>, DbError> {
        match self {
            Self::Roles(roles) => tenants::recipients(tx, roles),
            Self::Allowed(permission) => tenants::recipients_allowed(tx, permission),
        }
    }
}

/// Something the members of a firm should know.
#[derive(Debug, Clone)]
pub struct Notice<'a> {
    /// Who is told.
    pub to: Audience<'a>,
    /// What it says.
    pub template: Template,
    /// The template's parameters; shown again whenever the notice is read, so they hold no secret.
    pub params: Value,
    /// Names the cause: the same cause tells each member once.
    pub dedupe_key: String,
}

/// Tells the transaction's firm: a notice in the inbox of each member of the audience, and a mail in their language.
pub fn notify(tx: &mut TenantTx<'_>, notice: &Notice<'_>) -> Result<(), DbError> {
    for member in notice.to.members(tx)? {
        let row = (
            notifications::id.eq(tx.new_id::<NotificationId>()),
            notifications::user_id.eq(member.user_id),
            notifications::template.eq(notice.template),
            notifications::params.eq(&notice.params),
            notifications::dedupe_key.eq(&notice.dedupe_key),
            notifications::created_at.eq(tx.now()),
        );
        diesel::insert_into(notifications::table).values(row).on_conflict_do_nothing().kept().execute(tx.conn())?;
        let mail = NewMail {
            to: member.email,
            template: notice.template,
            locale: member.locale,
            params: notice.params.clone(),
            dedupe_key: Some(notice.dedupe_key.clone()),
        };
        queue_mail(tx, &mail)?;
    }
    Ok(())
}
