use crate::edge::RequestContext;
use actix_web::{HttpRequest, http::header::USER_AGENT};
use auth::RequestMeta;

/// Where somebody who is not signed in yet comes from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// Request and address.
    pub(crate) meta: RequestMeta,
    /// What the browser says it is.
    pub(crate) user_agent: Option<String>,
}

impl Origin {
    /// Of a request.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { meta: RequestContext::of(request).meta(), user_agent }
    }
}
