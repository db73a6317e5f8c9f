//! Who may keep what the market tells, and for how long.

use crate::answer;
use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, HeaderValue},
    },
};
use serde::Serialize;

/// What changes when somebody publishes: everybody may keep it and asks each time whether its tag still holds.
const BY_TAG: &str = "public, no-cache";
/// What may be some minutes old.
const FOR_MINUTES: &str = "public, max-age=120";

fn with(mut response: HttpResponse, caching: &'static str) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}

/// An answer that is kept by its tag.
pub(super) fn by_tag(response: HttpResponse) -> HttpResponse {
    with(response, BY_TAG)
}

/// A view that is kept by its tag.
pub(super) fn at_once<V: Serialize>(view: &V) -> HttpResponse {
    by_tag(answer::json(StatusCode::OK, view))
}

/// A view that is kept for some minutes.
pub(super) fn for_minutes<V: Serialize>(view: &V) -> HttpResponse {
    with(answer::json(StatusCode::OK, view), FOR_MINUTES)
}
