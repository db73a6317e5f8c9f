//! Administration of the platform, for administrators only.

mod approve_verification;
mod confirm_code;
mod discard_job;
mod get_me;
mod get_overview;
mod get_tenant;
mod list_audit_log;
mod list_jobs;
mod list_queues;
mod list_tenants;
mod list_verifications;
mod log_in;
pub mod problems;
mod read_licence;
mod reject_verification;
mod retry_job;
mod rotate_signing_key;
mod verification;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of administrators.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(log_in::admin_log_in)
        .service(confirm_code::admin_mfa)
        .service(get_me::admin_me)
        .service(list_tenants::admin_list_tenants)
        .service(get_tenant::admin_get_tenant)
        .service(list_jobs::admin_list_jobs)
        .service(retry_job::admin_retry_job)
        .service(discard_job::admin_discard_job)
        .service(list_queues::admin_list_queues)
        .service(rotate_signing_key::admin_rotate_signing_key)
        .service(get_overview::admin_overview)
        .service(list_verifications::admin_list_verifications)
        .service(read_licence::admin_read_licence)
        .service(approve_verification::admin_approve_verification)
        .service(reject_verification::admin_reject_verification)
        .service(list_audit_log::admin_list_audit_log);
}
