//! Pages of lists.

use super::{gate, query};
use crate::problem::{FieldError, Problem, edge};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use futures_util::future::LocalBoxFuture;
use kernel::pages::{CursorSigner, DEFAULT_LIMIT, MAX_LIMIT, PageRequest};
use serde::Deserialize;
use std::str::FromStr;
use url::form_urlencoded;
use utoipa::IntoParams;

/// The query parameters of every list, for `params(PageParams, ...)` of its documentation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents what PageQuery reads")]
pub struct PageParams {
    /// Rows of the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// `next_cursor` of the page before, with the same filters.
    cursor: Option<String>,
}

/// Which page of a list is wanted: `limit` (1 to 100, otherwise 422) and `cursor`.
#[derive(Debug)]
pub struct PageQuery {
    limit: i64,
    cursor: Option<String>,
    /// Route and filters, to which a cursor belongs.
    list: String,
}

impl PageQuery {
    /// The page as a use case takes it. `owner` is the tenant of the list, or a fixed word for public ones.
    pub fn request<K: FromStr>(&self, signer: &CursorSigner, owner: &str) -> Result<PageRequest<K>, Problem> {
        let mismatch = || Problem::new(edge::CURSOR_MISMATCH);
        let after = match &self.cursor {
            None => None,
            Some(cursor) => {
                let position = signer.read(&self.name(owner), cursor).map_err(|_| mismatch())?;
                Some(position.parse().map_err(|_| mismatch())?)
            }
        };
        Ok(PageRequest { limit: self.limit, after })
    }

    /// What the cursors of this list are signed for.
    pub(crate) fn name(&self, owner: &str) -> String {
        format!("{owner} {}", self.list)
    }
}

impl FromRequest for PageQuery {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (opened, page) = (gate::opened(request), parse(request));
        Box::pin(async move {
            opened.await;
            page
        })
    }
}

fn parse(request: &HttpRequest) -> Result<PageQuery, Problem> {
    let filters = query::canonical(request.query_string());
    let route = request.match_pattern().unwrap_or_default();
    let limit = once(request, "limit")?.map(|text| limit(&text)).transpose()?.unwrap_or(DEFAULT_LIMIT);
    Ok(PageQuery { limit, cursor: once(request, "cursor")?, list: format!("{route} {filters}") })
}

/// The value of a parameter that stands at most once.
fn once(request: &HttpRequest, name: &str) -> Result<Option<String>, Problem> {
    let mut values = form_urlencoded::parse(request.query_string().as_bytes()).filter(|(named, _)| named == name);
    let value = values.next().map(|(_, value)| value.into_owned());
    if values.next().is_some() {
        let field = FieldError::new(format!("/{name}"), "duplicate", "must stand once", "只能出现一次");
        return Err(edge::VALIDATION_FAILED.error(field.in_query()));
    }
    Ok(value)
}

fn limit(text: &str) -> Result<i64, Problem> {
    text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
        let field = FieldError::new("/limit", "out_of_range", "must be 1 to 100", "必须为 1 到 100");
        edge::VALIDATION_FAILED.error(field.in_query())
    })
}
