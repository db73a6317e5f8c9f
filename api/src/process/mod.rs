//! The process itself: life, readiness, the description of the API, and what problems mean.

mod docs;
mod healthz;
mod landing;
mod openapi;
mod portal;
mod problems;
mod readyz;

pub(crate) use docs::viewer;
pub(crate) use openapi::Documents;
pub(crate) use portal::{Portal, serve as serve_portal};

use utoipa_actix_web::service_config::ServiceConfig;

/// Endpoints of the process.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(healthz::read_health)
        .service(readyz::read_readiness)
        .service(openapi::read_openapi_yaml)
        .service(openapi::read_openapi_json)
        .service(problems::list_problem_types)
        .service(problems::read_problem_type);
    // The pages for people are not operations of the API.
    cfg.map(|cfg| cfg.service(landing::landing).service(docs::docs));
}
