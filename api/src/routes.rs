//! Every operation, from the same list for the server and for `openapi.yaml`.

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every domain's endpoints. A domain adds a line.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    crate::process::routes(cfg);
    crate::auth::routes(cfg);
    crate::me::routes(cfg);
    crate::tenants::routes(cfg);
    crate::api_keys::routes(cfg);
    crate::admin::routes(cfg);
    crate::audit_log::routes(cfg);
    crate::events::routes(cfg);
    crate::orders::routes(cfg);
    crate::payments::routes(cfg);
    crate::ledger::routes(cfg);
    crate::catalogue::routes(cfg);
    crate::imports::routes(cfg);
    crate::files::routes(cfg);
    crate::shares::routes(cfg);
    crate::tus::routes(cfg);
    crate::billing::routes(cfg);
    crate::notifications::routes(cfg);
    crate::market::routes(cfg);
}
