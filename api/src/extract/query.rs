//! Query strings.

use super::{gate, pointer, words};
use crate::problem::{Problem, edge};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

/// The filters of a list, without `limit` and `cursor`, which belong to [`super::PageQuery`]. `T` denies unknown fields.
/// Anything unknown or unreadable: 422, with the parameter as `?name`.
#[derive(Debug)]
pub struct Filters<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Filters<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (opened, filters) = (gate::opened(request), parse(request.query_string()));
        Box::pin(async move {
            opened.await;
            filters.map(Self)
        })
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let filters = canonical(query);
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(filters.as_bytes()));
    let value = serde_path_to_error::deserialize(reader).map_err(|error| {
        let place = pointer::of_path(error.path());
        let field = words::unreadable(place, &error.inner().to_string());
        edge::VALIDATION_FAILED.error(field.in_query())
    })?;
    if form_urlencoded::parse(filters.as_bytes()).any(|(_, value)| value.contains('\0')) {
        return Err(edge::MALFORMED_REQUEST.into());
    }
    Ok(value)
}

/// The filters of a query string, sorted and encoded in one way; `limit` and `cursor` are left out.
pub(super) fn canonical(query: &str) -> String {
    let mut pairs: Vec<_> =
        form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "limit" && name != "cursor").collect();
    pairs.sort();
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}
