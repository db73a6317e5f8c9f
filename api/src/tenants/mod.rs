//! Firms, their members, invitations and roles, verification and closing.

mod accept_invitation;
mod change_member_role;
mod close_tenant;
mod create_invitation;
mod create_role;
mod create_tenant;
mod delete_role;
mod get_role;
mod get_tenant;
mod get_verification;
mod list_invitations;
mod list_members;
mod list_roles;
mod list_tenants;
pub mod problems;
mod remove_member;
mod request_verification;
mod resend_invitation;
mod revoke_invitation;
mod roles;
mod transfer_ownership;
mod update_role;
mod update_tenant;
pub(crate) mod verification_view;
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
        .service(list_roles::list_roles)
        .service(get_role::get_role)
        .service(create_role::create_role)
        .service(update_role::update_role)
        .service(delete_role::delete_role)
        .service(transfer_ownership::transfer_ownership)
        .service(get_verification::get_verification)
        .service(request_verification::request_verification)
        .service(close_tenant::close_tenant);
}
