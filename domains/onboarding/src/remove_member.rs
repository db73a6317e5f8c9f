use db::{DbError, TenantTx};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;
use tenants::{Member, RemoveMember, RemoveMemberError};

/// Removes a member, or lets one leave: their sessions in the firm end at once, and they are told.
pub fn remove_member(tx: &mut TenantTx<'_>, command: &RemoveMember) -> Result<(), RemoveMemberError> {
    let gone = tenants::remove_member(tx, command)?;
    let tenant = tx.tenant();
    tx.in_auth(|tx| auth::end_sessions_of(tx, tenant, gone.user_id))?;
    tell(tx, &gone)?;
    Ok(())
}

fn tell(tx: &mut TenantTx<'_>, gone: &Member) -> Result<(), DbError> {
    let mail = NewMail {
        to: gone.email.clone(),
        template: Template::MemberRemoved,
        locale: gone.locale,
        params: json!({ "firm": tenants::find(tx)?.name }),
        dedupe_key: Some(format!("member.removed {}", gone.id)),
    };
    queue_mail(tx, &mail)
}
