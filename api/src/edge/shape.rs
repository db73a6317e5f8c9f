//! One shape for every refusal, whoever made it.

use super::{RequestContext, Rules, headers, refused_body::Kept};
use crate::problem::{CONTENT_TYPE, Occurrence, Problem, ProblemType, edge};
use actix_web::{
    HttpResponse, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{StatusCode, header},
    web::Data,
};

/// Tells a problem in the caller's language and with the request's id; gives a problem to refusals that have none.
pub(super) fn shaped(response: ServiceResponse<BoxBody>, at: &Occurrence) -> ServiceResponse<BoxBody> {
    let Some(told) = tell(&response, at) else { return response };
    let (request, old) = response.into_parts();
    let mut told = told;
    for (name, value) in old.headers() {
        if !told.headers().contains_key(name) && name != header::CONTENT_LENGTH {
            told.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, told)
}

fn tell(response: &ServiceResponse<BoxBody>, at: &Occurrence) -> Option<HttpResponse> {
    let status = response.status();
    if let Some(error) = response.response().error() {
        if let Some(problem) = error.as_error::<Problem>() {
            return Some(problem.response(at));
        }
        if status.is_server_error() {
            tracing::error!(%error, "a request failed");
        }
        return Some(Problem::new(of_status(status)?).response(at));
    }
    let bare = matches!(response.response().body().size(), BodySize::None | BodySize::Sized(0));
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == CONTENT_TYPE);
    if bare && !is_problem { Some(Problem::new(of_status(status)?).response(at)) } else { None }
}

/// The problem type for a refusal of the framework's; `None` if the status is no refusal.
fn of_status(status: StatusCode) -> Option<&'static ProblemType> {
    let kind = match status {
        status if !(status.is_client_error() || status.is_server_error()) => return None,
        StatusCode::UNAUTHORIZED => edge::UNAUTHENTICATED,
        StatusCode::FORBIDDEN => edge::PERMISSION_DENIED,
        StatusCode::NOT_FOUND => edge::NOT_FOUND,
        StatusCode::METHOD_NOT_ALLOWED => edge::METHOD_NOT_ALLOWED,
        StatusCode::REQUEST_TIMEOUT => edge::REQUEST_TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE => edge::BODY_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => edge::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY => edge::VALIDATION_FAILED,
        StatusCode::TOO_MANY_REQUESTS => edge::TOO_MANY_REQUESTS,
        StatusCode::BAD_REQUEST => edge::MALFORMED_REQUEST,
        StatusCode::SERVICE_UNAVAILABLE => edge::UNAVAILABLE,
        status if status.is_server_error() => edge::INTERNAL,
        // A domain's own protocol, such as tus, may use other statuses bare.
        _ => return None,
    };
    Some(kind)
}

/// A request that ended without an answer: a panic, or an error outside of handlers.
pub(super) struct Failed {
    pub(super) rules: Data<Rules>,
    pub(super) context: RequestContext,
    pub(super) occurrence: Occurrence,
    pub(super) kept: Option<Kept>,
}

impl std::fmt::Debug for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request failed")
    }
}

impl ResponseError for Failed {
    fn status_code(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = Problem::new(edge::INTERNAL).response(&self.occurrence);
        headers::complete(response.headers_mut(), &self.context, self.rules.https);
        match self.kept.clone() {
            Some(kept) => response.map_body(|_, body| kept.with(body)),
            None => response,
        }
    }
}
