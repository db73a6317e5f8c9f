//! Firms, their members, invitations and roles.

mod accept_invitation;
mod change_member_role;
mod create_invitation;
mod create_tenant;
mod get_tenant;
mod list_invitations;
mod list_members;
mod list_roles;
mod list_tenants;
pub mod problems;
mod remove_member;
mod resend_invitation;
mod revoke_invitation;
mod update_tenant;
pub(crate) mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of firms and members.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_tenants::list_tenants)
        .service(create_tenant::create_tenant)
        .service(get_tenant::get_tenant)
        .service(update_tenant::update_tenant)
        .service(list_members::list_members)
        .service(change_member_role::change_member_role)
        .service(remove_member::remove_member)
        .service(list_invitations::list_invitations)
        .service(create_invitation::create_invitation)
        .service(accept_invitation::accept_invitation)
        .service(resend_invitation::resend_invitation)
        .service(revoke_invitation::revoke_invitation)
        .service(list_roles::list_roles);
}
