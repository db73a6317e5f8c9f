//! A member's inbox.

mod list;
mod read;
mod read_all;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the inbox.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list_notifications).service(read_all::read_all_notifications).service(read::read_notification);
}
