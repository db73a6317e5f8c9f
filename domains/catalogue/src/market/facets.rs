//! By what a result can be narrowed, with the number of listings.

use super::{
    candidates::Candidate,
    entry::EQUALS,
    read::SellerNames,
    terms::{self, Counts},
};
use db::{DbError, schema::market_sellers as sellers};
use diesel::{PgConnection, prelude::*};
use kernel::ids::TenantId;
use std::collections::{BTreeMap, HashMap};

/// Values of each facet that are told.
const VALUES: usize = 20;
/// Attributes that are told.
const NAMES: usize = 10;
/// Lowest prices of the ranges, in minor units.
const RANGES: [i64; 7] = [0, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000];

/// A value with the number of listings that have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted<T> {
    /// The value.
    pub value: T,
    /// Listings.
    pub count: i64,
}

/// By what a result can be narrowed.
#[derive(Debug, Default, Clone)]
pub struct Facets {
    /// Listings that were counted: all that were found, or as many as are ranked.
    pub counted: i64,
    /// Names of categories.
    pub categories: Vec<Counted<String>>,
    /// Firms.
    pub sellers: Vec<Counted<(TenantId, SellerNames)>>,
    /// Ranges of the lowest price, each from its bound to below the next one.
    pub prices: Vec<Counted<(i64, Option<i64>)>>,
    /// Names of attributes and options, with their values.
    pub attributes: Vec<(String, Vec<Counted<String>>)>,
}

/// The facets of what was found.
pub(super) fn of_candidates(conn: &mut PgConnection, candidates: &[Candidate]) -> Result<Facets, DbError> {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for facet in candidates.iter().flat_map(|found| &found.facets) {
        *counts.entry(facet).or_default() += 1;
    }
    let counts: Vec<(String, i64)> = counts.into_iter().map(|(term, count)| (term.to_owned(), count)).collect();
    let facets = named(conn, counts)?;
    let counted = i64::try_from(candidates.len()).unwrap_or_default();
    Ok(Facets { counted, prices: prices(candidates), ..facets })
}

/// The facets of the whole market but for prices.
pub(super) fn of_all(conn: &mut PgConnection) -> Result<Facets, DbError> {
    let mut counts = Vec::new();
    for kind in ["seller", "category", "fact"] {
        counts.extend(terms::most_common(conn, kind, 100)?);
    }
    let counted = Counts::of(conn, std::iter::empty())?.total();
    Ok(Facets { counted, ..named(conn, counts)? })
}

/// Names of the most common categories.
pub fn common_categories(conn: &mut PgConnection) -> Result<Vec<Counted<String>>, DbError> {
    let counts = terms::most_common(conn, "category", 200)?;
    let named = counts.into_iter().filter_map(|(term, count)| {
        let value = term.strip_prefix("category:")?.to_owned();
        (!is_id(&value)).then_some(Counted { value, count })
    });
    Ok(named.take(100).collect())
}

fn named(conn: &mut PgConnection, mut counts: Vec<(String, i64)>) -> Result<Facets, DbError> {
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut facets = Facets::default();
    let mut firms: Vec<(TenantId, i64)> = Vec::new();
    let mut attributes: BTreeMap<String, Vec<Counted<String>>> = BTreeMap::new();
    for (term, count) in counts {
        match term.split_once(':') {
            Some(("seller", id)) => firms.extend(id.parse().ok().map(|id| (id, count))),
            Some(("category", name)) => facets.categories.push(Counted { value: name.to_owned(), count }),
            Some(("fact", fact)) => {
                let Some((name, value)) = fact.split_once(EQUALS) else { continue };
                attributes.entry(name.to_owned()).or_default().push(Counted { value: value.to_owned(), count });
            }
            _ => {}
        }
    }
    firms.truncate(VALUES);
    facets.categories.retain(|category| !is_id(&category.value));
    facets.categories.truncate(VALUES);
    facets.sellers = with_names(conn, &firms)?;
    facets.attributes = attributes.into_iter().collect();
    facets.attributes.sort_by_key(|(_, values)| -values.iter().map(|value| value.count).sum::<i64>());
    facets.attributes.truncate(NAMES);
    facets.attributes.iter_mut().for_each(|(_, values)| values.truncate(VALUES));
    Ok(facets)
}

/// Whether a category is named by its id, which only its own firm's listings have.
fn is_id(category: &str) -> bool {
    category.parse::<kernel::ids::CategoryId>().is_ok()
}

type FirmCount = Counted<(TenantId, SellerNames)>;

fn with_names(conn: &mut PgConnection, firms: &[(TenantId, i64)]) -> Result<Vec<FirmCount>, DbError> {
    let ids: Vec<TenantId> = firms.iter().map(|(id, _)| *id).collect();
    let rows: Vec<(TenantId, SellerNames)> = sellers::table
        .filter(sellers::seller_id.eq_any(ids))
        .select((sellers::seller_id, SellerNames::as_select()))
        .load(conn)?;
    let names: HashMap<TenantId, SellerNames> = rows.into_iter().collect();
    let with_name = |(id, count): &(TenantId, i64)| {
        names.get(id).map(|names| Counted { value: (*id, names.clone()), count: *count })
    };
    Ok(firms.iter().filter_map(with_name).collect())
}

fn prices(candidates: &[Candidate]) -> Vec<Counted<(i64, Option<i64>)>> {
    let ends = RANGES.iter().skip(1).map(|end| Some(*end)).chain([None]);
    let range = |(start, end): (&i64, Option<i64>)| {
        let within = |price: i64| price >= *start && end.is_none_or(|end| price < end);
        let count = candidates.iter().filter(|found| within(found.min_price_minor)).count();
        Counted { value: (*start, end), count: i64::try_from(count).unwrap_or_default() }
    };
    RANGES.iter().zip(ends).map(range).filter(|range| range.count > 0).collect()
}
