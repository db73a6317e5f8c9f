//! `GET /`: what this is, or the portal if it is installed.

use super::portal::Portal;
use actix_web::{HttpRequest, HttpResponse, get, web::Data};

#[get("/")]
pub(super) async fn landing(request: HttpRequest, portal: Data<Portal>) -> HttpResponse {
    if let Some(page) = super::portal::serve(&request, &portal).await {
        return page;
    }
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(include_str!("landing.html"))
}
