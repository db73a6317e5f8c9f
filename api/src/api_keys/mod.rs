//! Keys of programs.

mod body;
mod create;
mod get;
mod list;
pub mod problems;
mod revoke;
mod rotate;
mod update;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of keys.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list_api_keys)
        .service(create::create_api_key)
        .service(get::get_api_key)
        .service(update::update_api_key)
        .service(rotate::rotate_api_key)
        .service(revoke::revoke_api_key);
}
