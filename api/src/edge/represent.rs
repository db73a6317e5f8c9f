//! What an answer is called and how it is packed: entity tags, 304, and which answers may be compressed.

use super::tags;
use actix_web::{
    Error, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, AcceptEncoding, Encoding, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};

/// Shorter bodies gain nothing.
const LEAST_BYTES: u64 = 1024;
/// Media types that become smaller. Files of firms are sent as they are.
const PACKED: [&str; 6] =
    ["application/json", "application/yaml", "text/html", "text/css", "text/javascript", "image/svg+xml"];
/// Tells the packing middleware to leave an answer alone; does not leave the process.
const AS_IT_IS: HeaderValue = HeaderValue::from_static("identity");
/// Headers of answers that are streams, parts, or carry a session.
const NEVER_PACKED: [HeaderName; 4] =
    [header::ACCEPT_RANGES, header::CONTENT_RANGE, header::CONTENT_DISPOSITION, header::SET_COOKIE];

/// Takes away a wish for encodings that cannot be granted, which would be refused otherwise.
pub(super) fn soften(request: &mut ServiceRequest) {
    use actix_web::HttpMessage;
    let ours = [Encoding::identity(), Encoding::brotli(), Encoding::gzip(), Encoding::deflate()];
    let wish = request.get_header::<AcceptEncoding>();
    if wish.is_none_or(|wish| wish.negotiate(ours.iter()).is_none()) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
}

/// The middleware inside the packing one.
pub(crate) async fn represent<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = tagged(response);
    if !may_be_packed(&response) {
        response.headers_mut().insert(header::CONTENT_ENCODING, AS_IT_IS);
    }
    Ok(response)
}

/// After the packing: what readers and caches must know of it.
pub(super) fn finish(headers: &mut HeaderMap) {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding == AS_IT_IS => {
            headers.remove(header::CONTENT_ENCODING);
        }
        // The same content in other bytes: the tag holds for the content, no longer for the bytes.
        Some(_) => tags::weaken(headers),
        None => headers.append(header::VARY, HeaderValue::from_static("accept-encoding")),
    }
}

/// Gives an answer the tag of its content, and nothing else to readers who have that content.
fn tagged(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let fits = matches!(response.status(), StatusCode::OK | StatusCode::CREATED) && is_json(response.headers());
    if !fits {
        return response;
    }
    let (request, response) = response.into_parts();
    let (mut head, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return ServiceResponse::new(request, head.set_body(body)),
    };
    let reads = request.method() == Method::GET;
    tags::put(head.headers_mut(), &body, reads);
    if reads && tags::reader_has(request.headers(), head.headers()) {
        return ServiceResponse::new(request, not_modified(head.headers()));
    }
    ServiceResponse::new(request, head.set_body(body).map_into_boxed_body())
}

fn not_modified(headers: &HeaderMap) -> HttpResponse {
    let mut response = HttpResponse::NotModified();
    for name in [header::ETAG, header::CACHE_CONTROL, header::VARY] {
        if let Some(value) = headers.get(&name) {
            response.insert_header((name, value.clone()));
        }
    }
    response.finish()
}

/// Only whole answers to reading, never those about sessions or of administrators: where a secret and a stranger's words could
/// stand in one body, its length must not tell about the secret (BREACH).
fn may_be_packed(response: &ServiceResponse<BoxBody>) -> bool {
    let (request, headers) = (response.request(), response.headers());
    let about_sessions = request.path().starts_with("/v1/auth/") || request.path().starts_with("/admin/");
    request.method() == Method::GET
        && response.status() == StatusCode::OK
        && !about_sessions
        && !NEVER_PACKED.iter().any(|name| headers.contains_key(name))
        && !headers.contains_key(header::CONTENT_ENCODING)
        && matches!(response.response().body().size(), BodySize::Sized(size) if size >= LEAST_BYTES)
        && essence(headers).is_some_and(|kind| PACKED.contains(&kind))
}

fn is_json(headers: &HeaderMap) -> bool {
    essence(headers) == Some("application/json")
}

fn essence(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').next().map(str::trim)
}
