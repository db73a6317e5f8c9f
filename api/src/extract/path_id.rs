use super::gate;
use crate::problem::{Problem, edge};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use kernel::ids::Id;

/// The id in the path segment `{id}`, or `{name}` with [`PathId::named`]. What is not an id of the kind is not found.
#[derive(Debug, Clone, Copy)]
pub struct PathId<I>(I);

impl<I: Id> PathId<I> {
    /// The id.
    pub const fn get(&self) -> I {
        self.0
    }

    /// The id in another segment than `{id}`.
    pub fn named(request: &HttpRequest, name: &str) -> Result<I, Problem> {
        request.match_info().get(name).and_then(|text| text.parse().ok()).ok_or_else(|| Problem::new(edge::NOT_FOUND))
    }
}

impl<I: Id> FromRequest for PathId<I> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (opened, id) = (gate::opened(request), Self::named(request, "id"));
        Box::pin(async move {
            opened.await;
            id.map(Self)
        })
    }
}
