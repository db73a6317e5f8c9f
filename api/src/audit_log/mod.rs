//! The tenant's audit log.

mod list;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the audit log.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list_audit_log);
}
