//! Headers that every answer has.

use super::{RequestContext, context::REQUEST_ID, limits};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

const NO_CONTENT: &str = "default-src 'none'; frame-ancestors 'none'";
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; \
                    font-src 'self' data:; connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; \
                    frame-ancestors 'none'";

/// Says of the platform's own texts in which encoding they are. Files of firms are what their owners say.
fn name_charset(headers: &mut HeaderMap) {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unnamed = kind.starts_with("text/") && !kind.contains("charset=");
    if unnamed
        && !headers.contains_key(header::CONTENT_DISPOSITION)
        && let Ok(named) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(header::CONTENT_TYPE, named);
    }
}

/// Adds what the handler has not set itself.
pub(super) fn complete(headers: &mut HeaderMap, context: &RequestContext, https: bool) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    name_charset(headers);
    let policy = if is_page { PAGE } else { NO_CONTENT };
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CONTENT_SECURITY_POLICY, policy);
    // Whoever wants an answer cached says so.
    set(header::CACHE_CONTROL, "no-store");
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains");
    }
    limits::write(headers, &context.counted.borrow());
    if let Ok(id) = HeaderValue::from_str(&context.shown_id) {
        headers.insert(HeaderName::from_static(REQUEST_ID), id);
    }
}
