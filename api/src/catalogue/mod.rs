//! A firm's products, categories and stock.

mod adjust_inventory;
mod archive;
mod body;
mod buyer_groups;
mod categories;
mod collections;
mod create;
mod get;
mod inventory;
mod list;
mod locations;
mod on_sale;
mod price_lists;
pub mod problems;
mod publish;
mod stock_moves;
mod update;
mod variants;
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
        .service(inventory::list_inventory)
        .service(adjust_inventory::adjust_inventory);
    cfg.service(on_sale::unpublish_product).service(on_sale::schedule_product).service(on_sale::discard_product_change);
    variants(cfg);
    prices(cfg);
    shelves(cfg);
    locations(cfg);
}

/// A product's variants, one at a time.
fn variants(cfg: &mut ServiceConfig<'_>) {
    cfg.service(variants::list_variants)
        .service(variants::create_variant)
        .service(variants::get_variant)
        .service(variants::update_variant)
        .service(variants::delete_variant);
}

/// With whom which prices are agreed.
fn prices(cfg: &mut ServiceConfig<'_>) {
    cfg.service(buyer_groups::create_buyer_group)
        .service(buyer_groups::list_buyer_groups)
        .service(buyer_groups::get_buyer_group)
        .service(buyer_groups::update_buyer_group)
        .service(buyer_groups::delete_buyer_group)
        .service(price_lists::create_price_list)
        .service(price_lists::list_price_lists)
        .service(price_lists::get_price_list)
        .service(price_lists::update_price_list)
        .service(price_lists::delete_price_list);
}

/// How products are put in order.
fn shelves(cfg: &mut ServiceConfig<'_>) {
    cfg.service(categories::create_category)
        .service(categories::list_categories)
        .service(categories::get_category)
        .service(categories::update_category)
        .service(categories::delete_category)
        .service(collections::create_collection)
        .service(collections::list_collections)
        .service(collections::get_collection)
        .service(collections::update_collection)
        .service(collections::delete_collection);
}

/// Where stock lies, and how it comes and goes.
fn locations(cfg: &mut ServiceConfig<'_>) {
    cfg.service(locations::create_location)
        .service(locations::list_locations)
        .service(locations::get_location)
        .service(locations::update_location)
        .service(locations::delete_location)
        .service(stock_moves::transfer_stock)
        .service(stock_moves::count_stock)
        .service(stock_moves::list_stock_movements);
}
