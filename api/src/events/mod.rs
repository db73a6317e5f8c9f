//! The tenant's event log.

mod list;
mod list_types;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the event log.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list_events).service(list_types::list_event_types);
}
