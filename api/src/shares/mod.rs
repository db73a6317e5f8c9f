//! Share links: what their owners do with them, and what people outside see.

mod assets;
mod bring;
mod carrier;
mod content;
mod create;
mod get;
mod list;
mod list_accesses;
mod page;
pub mod problems;
mod public;
mod revoke;
mod see;
mod seen;
mod unlock;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of share links.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list::list_shares)
        .service(create::create_share)
        .service(get::get_share)
        .service(revoke::revoke_share)
        .service(list_accesses::list_share_accesses);
    // What belongs to the pages is no operation of the API.
    cfg.map(|cfg| cfg.service(assets::asset));
    cfg.service(see::open_share)
        .service(unlock::unlock_share)
        .service(content::download_shared_file)
        .service(content::download_from_shared_folder)
        .service(bring::bring_file)
        .service(public::download_public_file)
        .service(public::look_at_public_file);
}
