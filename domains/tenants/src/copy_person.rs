use crate::{EmailAddress, Locale, Member, events::MemberRoleChanged};
use audit::Audited;
use db::{DbError, TenantTx, schema::members};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::UserId;
use serde_json::json;

/// What firms keep copies of.
#[derive(Debug, Clone)]
pub struct PersonCopy {
    /// The person.
    pub user: UserId,
    /// Their address.
    pub email: EmailAddress,
    /// Their name.
    pub display_name: String,
    /// Their language.
    pub locale: Locale,
}

/// Brings the copy in the transaction's firm up to date with the person, if they are a member.
pub fn copy_person(tx: &mut TenantTx<'_>, person: &PersonCopy) -> Result<(), DbError> {
    let Some(member) = store(tx, person)? else { return Ok(()) };
    tx.audit("member.profile_changed", member.id, json!({ "user": member.user_id }))?;
    tx.emit(&MemberRoleChanged { id: member.id, role: member.role })
}

fn store(tx: &mut TenantTx<'_>, person: &PersonCopy) -> Result<Option<Member>, DbError> {
    let row = members::table.filter(members::tenant_id.eq(tx.tenant())).filter(members::user_id.eq(person.user));
    Ok(diesel::update(row)
        .set((
            members::email.eq(person.email.as_str()),
            members::display_name.eq(&person.display_name),
            members::locale.eq(person.locale),
            members::updated_at.eq(tx.now()),
            members::version.eq(members::version + 1),
        ))
        .returning(Member::as_returning())
        .get_result(tx.conn())
        .optional()?)
}
