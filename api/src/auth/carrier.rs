//! How the refresh token travels: in bodies, or in a cookie that no page can read.
//!
//! `X-Session: cookie` asks for the cookie. The header itself keeps other sites out: no form can send it, and a script of another
//! origin must ask first, which is never granted. Where the browser says where the request comes from, that is checked too.

use super::problems::CROSS_SITE;
use crate::{
    app::App,
    problem::{Problem, edge},
};
use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::{
        StatusCode,
        header::{HeaderValue, ORIGIN},
    },
};
use kernel::secrets::Secret;
use serde::Serialize;

/// The header that asks for the cookie.
const HEADER: &str = "x-session";
/// The cookie: only over TLS, from this host alone, for all its paths.
const COOKIE: &str = "__Host-session";
/// As long as a session may be idle.
const LIFETIME: Duration = Duration::days(14);

/// How a caller carries the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// A program keeps it.
    Body,
    /// A browser keeps it.
    Cookie,
}

impl Carrier {
    /// What a request asks for; refused if another site made a browser send it.
    pub(crate) fn of(request: &HttpRequest, app: &App) -> Result<Self, Problem> {
        match request.headers().get(HEADER).map(HeaderValue::as_bytes) {
            None => Ok(Self::Body),
            Some(b"cookie") if is_own_page(request, app) => Ok(Self::Cookie),
            Some(b"cookie") => Err(CROSS_SITE.into()),
            Some(_) => Err(edge::MALFORMED_REQUEST.into()),
        }
    }

    /// The refresh token in the request's cookie.
    pub(crate) fn token(request: &HttpRequest) -> Option<Secret> {
        request.cookie(COOKIE).map(|cookie| Secret::new(cookie.value().to_owned()))
    }

    /// The refresh token for a body.
    pub(crate) fn in_body(self, token: &Secret) -> Option<String> {
        (self == Self::Body).then(|| token.expose().clone())
    }

    /// An answer that leaves the refresh token where it belongs.
    pub(crate) fn answer<V: Serialize>(self, status: StatusCode, view: &V, token: Option<&Secret>) -> HttpResponse {
        let mut answer = HttpResponse::build(status);
        if let (Self::Cookie, Some(token)) = (self, token) {
            answer.cookie(cookie(token.expose(), LIFETIME));
        }
        answer.json(view)
    }
}

/// The cookie that takes the present one's place and is gone at once.
pub(super) fn no_cookie() -> Cookie<'static> {
    cookie("", Duration::ZERO)
}

fn cookie(value: &str, lifetime: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, value.to_owned())
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(lifetime)
        .finish()
}

/// Browsers say where a request comes from by `Sec-Fetch-Site`, older ones by `Origin`, and let no page change either.
fn is_own_page(request: &HttpRequest, app: &App) -> bool {
    let said = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    match (said("sec-fetch-site"), said(ORIGIN.as_str())) {
        (Some(site), _) => site == b"same-origin",
        (None, Some(origin)) => origin == app.public_url.origin().ascii_serialization().as_bytes(),
        (None, None) => true,
    }
}
