//! What a visitor shows: the token in the address, and passes in cookies of that address or a header.

use crate::{
    app::App,
    edge::RequestContext,
    problem::{Problem, edge},
};
use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    http::header::{self, AUTHORIZATION},
};
use kernel::{
    ids::FileVersionId,
    secrets::{Secret, TenantToken},
};
use shares::Visitor;

/// The cookie that shows that the password was right.
const ENTER: &str = "share";
/// How cookies begin that continue a download; what follows tells its version.
const PART: &str = "part_";
/// How long a download may be continued, as the pass itself says.
const CONTINUED_FOR: Duration = Duration::hours(24);

/// Who comes by the token in the address. What is no token opens nothing.
pub(super) fn visitor(request: &HttpRequest) -> Result<Visitor, Problem> {
    let token = token_text(request).and_then(TenantToken::parse).ok_or_else(|| Problem::new(edge::NOT_FOUND))?;
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Ok(Visitor {
        token,
        pass: shown_pass(request),
        request: RequestContext::of(request).meta(),
        user_agent: agent.map(str::to_owned),
    })
}

/// The token in the address.
pub(super) fn token_text(request: &HttpRequest) -> Option<&str> {
    request.match_info().get("token")
}

/// Whether a browser asks, which wants a page.
pub(super) fn wants_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn shown_pass(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown =
        header.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("share"));
    shown.map(|(_, pass)| pass.trim().to_owned()).or_else(|| cookie_value(request, ENTER))
}

/// The passes of downloads that a request may continue; each version has its own.
pub(super) fn download_passes(request: &HttpRequest) -> Vec<String> {
    let Ok(cookies) = request.cookies() else { return Vec::new() };
    let passes = cookies.iter().filter(|cookie| cookie.name().starts_with(PART));
    passes.map(|cookie| cookie.value().to_owned()).collect()
}

fn cookie_value(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|cookie| cookie.value().to_owned())
}

/// The cookie that opens the link for as long as the pass says.
pub(super) fn enter_cookie(app: &App, token: &str, pass: &Secret, seconds: i64) -> Cookie<'static> {
    cookie(app, (ENTER.to_owned(), pass.expose().clone()), token, Duration::seconds(seconds))
}

/// The cookie that continues the download of one version.
pub(super) fn part_cookie(app: &App, token: &str, version: FileVersionId, pass: String) -> Cookie<'static> {
    let version = version.to_string();
    let name = format!("{PART}{}", version.get(version.len().saturating_sub(8)..).unwrap_or_default());
    cookie(app, (name, pass), token, CONTINUED_FOR)
}

fn cookie(app: &App, (name, value): (String, String), token: &str, age: Duration) -> Cookie<'static> {
    Cookie::build(name, value)
        .path(format!("/s/{token}"))
        .secure(app.public_url.scheme() == "https")
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}
