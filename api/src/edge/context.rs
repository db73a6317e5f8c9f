//! What is known of a request from its start.

use super::limits::Counted;
use crate::problem::{Language, Occurrence};
use actix_web::{
    HttpMessage, HttpRequest,
    http::header::{ACCEPT_LANGUAGE, HeaderMap},
};
use db::TenantScope;
use kernel::ids::{Id, RequestId, TenantId};
use std::{
    cell::{Cell, RefCell},
    net::IpAddr,
    rc::Rc,
};

/// The header that carries a request's id both ways.
pub(super) const REQUEST_ID: &str = "x-request-id";

/// What is known of a request from its start; stands in its extensions.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The id under which rows and logs know the request.
    pub id: RequestId,
    /// The id as the caller sees it: its own, if it sent a sane one.
    pub shown_id: Rc<str>,
    /// The caller's address, seen through trusted proxies.
    pub ip: Option<IpAddr>,
    /// The caller's language.
    pub language: Language,
    /// The tenant, once the caller is known; for the log.
    pub(crate) tenant: Rc<Cell<Option<TenantId>>>,
    /// By which limits the request was counted.
    pub(super) counted: Rc<RefCell<Vec<Counted>>>,
    /// The caller in their firm, once known; for what the firm's audit log is told of refusals.
    pub(crate) caller: Rc<RefCell<Option<TenantScope>>>,
}

impl RequestContext {
    /// Of a request's headers and address.
    pub(super) fn new(headers: &HeaderMap, ip: Option<IpAddr>) -> Self {
        let sent = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|text| is_sane(text));
        let id = sent.and_then(|text| text.parse().ok()).unwrap_or_else(|| RequestId::new(chrono::Utc::now()));
        let shown_id = sent.map_or_else(|| id.to_string().into(), Rc::from);
        let language = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(Language::accepted);
        let language = language.unwrap_or_default();
        let (tenant, counted, caller) = (Rc::default(), Rc::default(), Rc::default());
        Self { id, shown_id, ip, language, tenant, counted, caller }
    }

    /// Of a request under way.
    pub fn of(request: &HttpRequest) -> Self {
        let known = request.extensions().get::<Self>().cloned();
        known.unwrap_or_else(|| Self::new(request.headers(), request.peer_addr().map(|peer| peer.ip())))
    }

    /// Where the request came from, for use cases.
    pub const fn meta(&self) -> auth::RequestMeta {
        auth::RequestMeta { request_id: Some(self.id), ip: self.ip }
    }

    /// For problems of the request.
    pub fn occurrence(&self, request: &HttpRequest) -> Occurrence {
        Occurrence {
            language: self.language,
            instance: Some(shown_path(request.path())),
            request_id: Some(self.shown_id.to_string()),
        }
    }
}

/// A path as problems tell it: without the token of a share link, which opens what it leads to.
fn shown_path(path: &str) -> String {
    let Some(rest) = path.strip_prefix("/s/") else { return path.to_owned() };
    rest.split_once('/').map_or_else(|| "/s/-".to_owned(), |(_, rest)| format!("/s/-/{rest}"))
}

/// Ids of others are echoed only if they cannot disturb a header or a log line.
fn is_sane(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}
