//! What the platform costs the firm: plans, subscription, use and invoices.

mod get_invoice;
mod get_subscription;
mod get_usage;
mod list_entitlements;
mod list_invoices;
mod list_plans;
mod view;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of billing.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list_plans::list_plans)
        .service(get_subscription::get_subscription)
        .service(list_invoices::list_invoices)
        .service(get_invoice::get_invoice)
        .service(get_usage::get_usage)
        .service(list_entitlements::list_entitlements);
}
