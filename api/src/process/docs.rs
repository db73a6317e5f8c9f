//! `GET /docs`: a viewer of the document that loads nothing from elsewhere.

use actix_web::{HttpResponse, get, http::header::LOCATION};
use utoipa_swagger_ui::{Config, SwaggerUi};

#[get("/docs")]
pub(super) async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// The viewer's files.
pub(crate) fn viewer() -> SwaggerUi {
    SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json"))
}
