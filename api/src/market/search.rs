//! `GET /v1/market/products`

use super::{
    cached,
    facets::FacetsView,
    view::{MarketHit, PUBLIC},
};
use crate::{
    app::App,
    extract::{Filters, PageParams, PageQuery},
    problem::{FieldError, Problem, edge},
};
use actix_web::{HttpResponse, get, web::Data};
use catalogue::market::{self, MarketQuery, MarketSort};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Attributes that one search may name.
const ATTRIBUTES: usize = 10;

/// What a visitor looks for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MarketFilters {
    /// Words, Chinese or Latin; what is beyond 100 characters is not read.
    #[param(example = "iPhone15手机壳")]
    q: Option<String>,
    /// Only this category: its name, or the id of a seller's own.
    #[param(example = "茶具")]
    category: Option<String>,
    /// Only this seller, by id or short name.
    seller: Option<String>,
    /// Only these attributes or options: `name:value`, several separated by commas.
    #[param(example = "颜色:红,材质:陶瓷")]
    attributes: Option<String>,
    /// Only products whose lowest price is at least this, in minor units.
    min_price: Option<i64>,
    /// Only products whose lowest price is at most this, in minor units.
    max_price: Option<i64>,
    /// The order; `relevance` if absent.
    #[param(inline)]
    sort: Option<MarketSort>,
}

impl MarketFilters {
    fn query(self) -> Result<MarketQuery, Problem> {
        Ok(MarketQuery {
            attributes: pairs(self.attributes.as_deref().unwrap_or_default())?,
            text: self.q.unwrap_or_default(),
            category: self.category,
            seller: self.seller,
            min_price: self.min_price,
            max_price: self.max_price,
            sort: self.sort.unwrap_or(MarketSort::Relevance),
        })
    }
}

/// `name:value` by `name:value`.
fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let wrong = || {
        let field = FieldError::new(
            "/attributes",
            "attributes",
            "at most 10 of `name:value`, separated by commas",
            "最多10个“名称:值”，以逗号分隔",
        );
        edge::VALIDATION_FAILED.error(field.in_query())
    };
    let parts: Vec<&str> = text.split(',').filter(|part| !part.is_empty()).collect();
    if parts.len() > ATTRIBUTES {
        return Err(wrong());
    }
    let pair = |part: &&str| part.split_once(':').map(|(name, value)| (name.to_owned(), value.to_owned()));
    parts.iter().map(pair).collect::<Option<_>>().ok_or_else(wrong)
}

/// A page of what was found.
#[derive(Debug, Serialize, ToSchema)]
struct MarketPage {
    /// The products.
    data: Vec<MarketHit>,
    /// Whether more follow.
    has_more: bool,
    /// The `cursor` for the next page, if more follow.
    #[schema(required)]
    next_cursor: Option<String>,
    /// By what the result can be narrowed; with the first page only.
    #[schema(required)]
    facets: Option<FacetsView>,
    /// What was looked for instead, if nobody uses the words that were asked for.
    #[schema(required, example = "iphon 15")]
    corrected: Option<String>,
}

/// Finds published products of all firms, best match first. A product is found as soon as it is published.
#[utoipa::path(operation_id = "search_market", tag = "market", params(PageParams, MarketFilters),
    responses((status = 200, body = MarketPage)))]
#[get("/v1/market/products")]
pub(super) async fn search_market(
    app: Data<App>,
    page: PageQuery,
    filters: Filters<MarketFilters>,
) -> Result<HttpResponse, Problem> {
    let query = filters.0.query()?;
    let request = page.request::<i64>(&app.cursors, PUBLIC)?;
    let results = app.db.public("market.search", move |tx| market::search(tx.conn(), &query, &request)).await?;
    let next_cursor = results.page.next.map(|key| app.cursors.write(&page.name(PUBLIC), &key.to_string()));
    let words = results.query;
    let view = MarketPage {
        data: results.page.data.into_iter().map(|listing| MarketHit::of(listing, &words)).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
        facets: results.facets.map(FacetsView::from),
        corrected: results.corrected,
    };
    Ok(cached::at_once(&view))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_pairs() {
        let two = vec![("颜色".to_owned(), "红".to_owned()), ("a".to_owned(), "b:c".to_owned())];
        assert_eq!(pairs("颜色:红,a:b:c,").ok(), Some(two));
        assert_eq!(pairs("").ok(), Some(Vec::new()));
        assert!(pairs("颜色").is_err() && pairs(&"a:b,".repeat(11)).is_err());
    }
}
