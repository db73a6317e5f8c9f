//! Products from spreadsheets and into them.

mod export;
mod get;
mod list;
pub mod problems;
mod rows;
mod start;
mod template;
mod view;
mod words;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of imports and exports.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(start::start_product_import)
        .service(list::list_product_imports)
        .service(get::get_product_import)
        .service(rows::list_product_import_rows)
        .service(template::get_product_import_template)
        .service(export::export_products);
}
