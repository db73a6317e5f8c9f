use crate::invite::role_name;
use db::{DbError, TenantTx};
use notifications::{NewMail, Template, queue_mail};
use serde_json::json;
use tenants::{ChangeRole, ChangeRoleError, Member};

/// Gives a member another role, and tells them if it is one.
pub fn change_role(tx: &mut TenantTx<'_>, command: &ChangeRole) -> Result<Member, ChangeRoleError> {
    let changed = tenants::change_role(tx, command)?;
    if changed.member.role != changed.before {
        tell(tx, &changed.member)?;
    }
    Ok(changed.member)
}

fn tell(tx: &mut TenantTx<'_>, member: &Member) -> Result<(), DbError> {
    let mail = NewMail {
        to: member.email.clone(),
        template: Template::RoleChanged,
        locale: member.locale,
        params: json!({ "firm": tenants::find(tx)?.name, "role": role_name(tx, member.role)? }),
        dedupe_key: Some(format!("member.role_changed {} {}", member.id, member.version)),
    };
    queue_mail(tx, &mail)
}
