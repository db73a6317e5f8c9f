//! tus 1.0.0: uploads that can be resumed after a break, from the tools that speak it.

mod body;
mod create;
mod look;
mod metadata;
mod patch;
pub mod problems;
mod protocol;
mod terminate;

pub(crate) use protocol::{mark, override_method};
use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of tus.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(create::create_resumable)
        .service(look::look_at_resumable)
        .service(patch::append_to_resumable)
        .service(terminate::end_resumable);
}
