//! Trade, from both sides: `/v1/purchases` is the buyer's, `/v1/orders` the seller's.

mod address;
mod cancel_order;
mod cancel_purchase;
mod confirm_receipt;
mod get_order;
mod get_purchase;
mod list_orders;
mod list_purchases;
mod pay_order;
mod place_order;
pub mod problems;
mod refund_order;
mod ship_order;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of trade.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(place_order::place_order)
        .service(list_purchases::list_purchases)
        .service(get_purchase::get_purchase)
        .service(pay_order::pay_order)
        .service(confirm_receipt::confirm_receipt)
        .service(cancel_purchase::cancel_purchase)
        .service(list_orders::list_orders)
        .service(get_order::get_order)
        .service(ship_order::ship_order)
        .service(cancel_order::cancel_order)
        .service(refund_order::refund_order);
}
