//! The pages behind share links, in two languages, without any script of their own.

mod sizes;
mod words;

use super::{
    carrier::{token_text, wants_page},
    seen::{SeenView, SharedEntryView, name_of},
    view::ShareKind,
};
use crate::{
    edge::RequestContext,
    problem::{Language, Problem, edge},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shares::{Entered, ShareMode};
use sizes::readable;
use std::sync::LazyLock;

/// Everything comes from the platform's own address, and nothing runs that is not a file of it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// What stays as it is in a segment of an address.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    for (name, text) in [
        ("layout.html", include_str!("layout.html")),
        ("share.html", include_str!("share.html")),
        ("lock.html", include_str!("lock.html")),
        ("refusal.html", include_str!("refusal.html")),
    ] {
        if let Err(error) = environment.add_template(name, text) {
            tracing::error!(%error, name, "a page cannot be read");
        }
    }
    environment
});

/// An answer for people as a page, if they asked for one and it is a refusal.
pub(super) fn for_people(
    request: &HttpRequest,
    answer: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    match answer {
        Err(problem) if wants_page(request) => Ok(refusal(request, &problem)),
        answer => answer,
    }
}

/// The page of a link that shows something.
pub(super) fn of_share(
    request: &HttpRequest,
    entered: Entered,
    (folder, cursor): (&str, Option<String>),
) -> HttpResponse {
    let token = token_text(request).unwrap_or_default().to_owned();
    let zone: Tz = entered.firm.time_zone.parse().unwrap_or(Tz::Asia__Shanghai);
    let seen = SeenView::new(entered, cursor);
    let language = RequestContext::of(request).language;
    let values = context! {
        token => &token,
        name => &seen.name,
        firm => &seen.firm,
        mode => seen.mode.as_str(),
        kind => if seen.kind == ShareKind::File { "file" } else { "folder" },
        file => seen.file.as_ref().map(|file| context! {
            size => readable(file.size_bytes),
            shown_as => shown_as(&file.content_type),
            previewable => file.previewable,
        }),
        entries => seen.entries.iter().map(|entry| line(&token, seen.mode, entry)).collect::<Vec<_>>(),
        folder => folder.trim_end_matches('/'),
        parent => parent(folder).map(|parent| encoded(&parent)),
        next => seen.next_cursor.as_ref().map(|cursor| format!("cursor={cursor}&path={}", encoded(folder))),
        expires => seen.expires_at.map(|at| moment(at, zone)),
        left => seen.downloads_left,
        largest => seen.max_object_bytes.map(readable),
        types => seen.allowed_types.join(", "),
    };
    answer(language, StatusCode::OK, "share.html", &values)
}

/// The page that asks for a password, perhaps again.
pub(super) fn of_lock(request: &HttpRequest, refused: Option<&Problem>) -> HttpResponse {
    let language = RequestContext::of(request).language;
    let wrong = refused.map(|problem| language.of(problem.kind().title));
    let values = context! { token => token_text(request), wrong };
    let status = refused.map_or(StatusCode::OK, |problem| problem.kind().status());
    answer(language, status, "lock.html", &values)
}

fn refusal(request: &HttpRequest, problem: &Problem) -> HttpResponse {
    let language = RequestContext::of(request).language;
    let kind = problem.kind();
    let missing = kind.code == edge::NOT_FOUND.code;
    let values = context! { missing, title => language.of(kind.title), advice => language.of(kind.advice) };
    answer(language, kind.status(), "refusal.html", &values)
}

fn answer(language: Language, status: StatusCode, template: &str, values: &Value) -> HttpResponse {
    let values = context! { lang => language.tag(), t => words::of(language), ..values.clone() };
    let page = TEMPLATES.get_template(template).and_then(|template| template.render(values));
    let page = match page {
        Ok(page) => page,
        Err(error) => return HttpResponse::from_error(Problem::internal(&error)),
    };
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::CONTENT_LANGUAGE, language.tag()))
        .insert_header((header::VARY, "Accept, Accept-Language, Cookie"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(("x-robots-tag", "noindex, nofollow"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(page)
}

/// A line of a folder's list.
fn line(token: &str, mode: ShareMode, entry: &SharedEntryView) -> Value {
    let path = encoded(&entry.path);
    let shown = entry.file.as_ref().is_some_and(|file| file.previewable);
    let href = match &entry.file {
        None => Some(format!("/s/{token}?path={path}")),
        Some(_) if mode == ShareMode::Download || shown => Some(format!("/s/{token}/files/{path}")),
        Some(_) => None,
    };
    context! {
        name => name_of(&entry.path),
        folder => entry.file.is_none(),
        href,
        size => entry.file.as_ref().map(|file| readable(file.size_bytes)).unwrap_or_default(),
    }
}

/// The element that shows a file within the page; none for what opens by itself.
fn shown_as(content_type: &str) -> Option<&'static str> {
    match content_type.split('/').next()? {
        "image" => Some("img"),
        "video" => Some("video"),
        "audio" => Some("audio"),
        _ => None,
    }
}

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, SEGMENT).to_string()
}

/// The folder around a folder; none for the shared one itself.
fn parent(folder: &str) -> Option<String> {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() {
        return None;
    }
    Some(folder.rsplit_once('/').map_or_else(String::new, |(parent, _)| format!("{parent}/")))
}

fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_in_the_page_and_in_addresses() {
        let values = context! { token => "T", name => "<script>alert(1)</script>", kind => "file", mode => "download",
        file => context! { size => "1 B" } };
        let page = answer(Language::Chinese, StatusCode::OK, "share.html", &values);
        let body = actix_web::body::MessageBody::try_into_bytes(page.into_body()).unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(!text.contains("<script>alert") && text.contains("&lt;script&gt;"), "{text}");
        assert_eq!(encoded("合同/a?b#c.pdf"), "%E5%90%88%E5%90%8C/a%3Fb%23c.pdf");
        assert_eq!((parent("a/b/").as_deref(), parent("a/").as_deref(), parent("")), (Some("a/"), Some(""), None));
    }
}
