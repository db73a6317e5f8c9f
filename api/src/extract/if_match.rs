use super::gate;
use crate::problem::{Problem, edge};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::IF_MATCH};
use futures_util::future::LocalBoxFuture;

/// The version that the caller has seen, from `If-Match`. The `ETag` of a mutable resource is its version in quotes.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(Option<i64>);

impl IfMatch {
    /// The version that must still be the present one; `None` if the caller does not mind.
    pub const fn version(self) -> Option<i64> {
        self.0
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let opened = gate::opened(request);
        let header = request.headers().get(IF_MATCH).map(|value| value.to_str().map(parse));
        Box::pin(async move {
            opened.await;
            match header {
                None => Ok(Self(None)),
                Some(Ok(Some(seen))) => Ok(seen),
                // A tag that was never given out matches nothing.
                Some(_) => Err(edge::PRECONDITION_FAILED.into()),
            }
        })
    }
}

fn parse(header: &str) -> Option<IfMatch> {
    if header.trim() == "*" {
        return Some(IfMatch(None));
    }
    let version = header.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok()?;
    Some(IfMatch(Some(version)))
}
