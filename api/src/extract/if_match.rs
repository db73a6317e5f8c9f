use super::gate;
use crate::{
    edge::tags,
    problem::{Problem, edge},
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::IF_MATCH};
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use utoipa::IntoParams;

/// The version that the caller has seen, from `If-Match`. The `ETag` of a mutable resource begins with its
/// version.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(Option<i64>);

impl IfMatch {
    /// The version that must still be the present one; `None` if the caller does not mind.
    pub const fn version(self) -> Option<i64> {
        self.0
    }
}

/// The header of operations that take [`IfMatch`], for `params(IfMatchHeader, ...)` of their documentation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only documents what IfMatch reads")]
pub struct IfMatchHeader {
    /// The `ETag` of the object as the caller has seen it; if it has changed since, nothing is done (412).
    #[serde(rename = "If-Match")]
    tag: Option<String>,
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
    tags::version(header.trim()).map(|version| IfMatch(Some(version)))
}
