use db::TenantTx;
use kernel::permission::Permission;
use notifications::{Audience, Notice, Template, notify};
use serde_json::json;
use tenants::{Member, TransferOwnership, TransferOwnershipError};

/// Hands an owner's place to another member, and tells everybody who runs the firm.
pub fn transfer_ownership(
    tx: &mut TenantTx<'_>,
    command: &TransferOwnership,
) -> Result<Member, TransferOwnershipError> {
    let owner = tenants::transfer_ownership(tx, command)?;
    let firm = tenants::find(tx)?.name;
    let notice = Notice {
        to: Audience::Allowed(Permission::TenantsAdmin),
        template: Template::OwnershipTransferred,
        params: json!({ "firm": firm, "name": owner.display_name }),
        dedupe_key: format!("ownership_transferred {} {}", owner.id, owner.version),
    };
    notify(tx, &notice)?;
    Ok(owner)
}
