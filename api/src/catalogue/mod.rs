//! A firm's products, categories and stock.

mod adjust_inventory;
mod archive;
mod body;
mod create;
mod create_category;
mod get;
mod inventory;
mod list;
mod list_categories;
pub mod problems;
mod publish;
mod update;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the catalogue.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create::create_product)
        .service(list::list_products)
        .service(get::get_product)
        .service(update::update_product)
        .service(publish::publish_product)
        .service(archive::archive_product)
        .service(create_category::create_category)
        .service(list_categories::list_categories)
        .service(inventory::list_inventory)
        .service(adjust_inventory::adjust_inventory);
}
