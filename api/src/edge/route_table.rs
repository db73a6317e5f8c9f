//! What is asked for and exists, but not with this method.

use crate::{
    problem::{Problem, edge},
    process::{Portal, serve_portal},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{ALLOW, HeaderValue},
    },
    web::Data,
};
use std::collections::BTreeMap;
use utoipa::openapi::{PathItem, path::Paths};

/// Pages for people, which the document does not have.
const PAGES: &[&str] = &["/", "/docs", "/docs/{path}", "/s/assets/{name}"];
/// Methods that exist somewhere. TRACE, CONNECT and the verbs of other protocols do not.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The methods of every path of the document.
#[derive(Debug, Clone, Default)]
pub(crate) struct RouteTable(Vec<(Vec<Segment>, Vec<Verb>)>);

/// A method that a path has.
#[derive(Debug, Clone, Copy)]
struct Verb {
    name: &'static str,
    /// Whether only signed-in callers may use it.
    secured: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Fixed(String),
    Any,
    /// `{path}` at the end stands for the rest, with its slashes.
    Rest,
}

impl RouteTable {
    pub(crate) fn new(paths: &Paths) -> Self {
        let pages = PAGES.iter().map(|page| (segments(page), vec![Verb { name: "GET", secured: false }]));
        Self(paths.paths.iter().map(|(path, item)| (segments(path), verbs(item))).chain(pages).collect())
    }

    /// The methods that the path has; none if it does not exist.
    fn allow(&self, path: &str) -> Vec<&'static str> {
        let mut methods: Vec<_> = self.verbs(path).map(|verb| verb.name).collect();
        methods.sort_unstable();
        methods.dedup();
        methods
    }

    /// Whether only signed-in callers may do this.
    pub(super) fn is_secured(&self, method: &str, path: &str) -> bool {
        self.verbs(path).any(|verb| verb.name == method && verb.secured)
    }

    fn verbs(&self, path: &str) -> impl Iterator<Item = Verb> {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let matching = self.0.iter().filter(move |(segments, _)| matches(segments, &parts));
        matching.flat_map(|(_, verbs)| verbs.iter().copied())
    }
}

fn segments(template: &str) -> Vec<Segment> {
    template
        .split('/')
        .skip(1)
        .map(|part| match part {
            "{path}" => Segment::Rest,
            part if part.starts_with('{') => Segment::Any,
            part => Segment::Fixed(part.to_owned()),
        })
        .collect()
}

fn matches(segments: &[Segment], parts: &[&str]) -> bool {
    match (segments, parts) {
        ([], []) | ([Segment::Rest], [_, ..]) => true,
        ([Segment::Any, segments @ ..], [part, parts @ ..]) => !part.is_empty() && matches(segments, parts),
        ([Segment::Fixed(fixed), segments @ ..], [part, parts @ ..]) => fixed == part && matches(segments, parts),
        _ => false,
    }
}

fn verbs(item: &PathItem) -> Vec<Verb> {
    let operations = BTreeMap::from([
        ("GET", &item.get),
        ("HEAD", &item.head),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ]);
    let existing = operations.into_iter().filter_map(|(name, operation)| operation.as_ref().map(|it| (name, it)));
    existing.map(|(name, operation)| Verb { name, secured: operation.security.is_some() }).collect()
}

/// What no operation answers: 404, 405, or the methods for `OPTIONS`.
pub(crate) async fn fallback(
    request: HttpRequest,
    table: Data<RouteTable>,
    portal: Data<Portal>,
) -> Result<HttpResponse, Problem> {
    let mut methods = table.allow(request.path());
    if methods.is_empty() && !METHODS.contains(&request.method().as_str()) {
        methods = METHODS.to_vec();
    }
    if methods.is_empty() {
        return serve_portal(&request, &portal).await.ok_or_else(|| edge::NOT_FOUND.into());
    }
    let allow = HeaderValue::from_str(&methods.join(", ")).unwrap_or(HeaderValue::from_static(""));
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allow)).finish());
    }
    Err(Problem::new(edge::METHOD_NOT_ALLOWED).header(ALLOW, allow))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_match_whole_paths() {
        for (template, path, expected) in [
            ("/v1/products/{id}", "/v1/products/x", true),
            ("/v1/products/{id}", "/v1/products/", false),
            ("/v1/products/{id}", "/v1/products/x/y", false),
            ("/v1/buckets/{name}/files/{path}", "/v1/buckets/b/files/a/b.txt", true),
            ("/v1/buckets/{name}/files/{path}", "/v1/buckets/b/files", false),
        ] {
            let parts: Vec<&str> = path.split('/').skip(1).collect();
            assert_eq!(matches(&segments(template), &parts), expected, "{template} {path}");
        }
    }
}
