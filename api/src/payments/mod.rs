//! Payments: what providers tell us, and writes that need a provider.

pub mod problems;
mod provider_write;
mod receive_stripe_event;
pub(crate) mod view;

pub(crate) use provider_write::ProviderWrite;

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of payments.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(receive_stripe_event::receive_stripe_event);
}
