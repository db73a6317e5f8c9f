//! The tenant's audit log.

mod export;
pub(crate) mod filters;
mod list;
pub mod problems;
mod prove;
mod sheet;
pub(crate) mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the audit log.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(export::export_audit_log).service(list::list_audit_log).service(prove::prove_audit_row);
}
