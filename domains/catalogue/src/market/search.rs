//! Finds listings by words and filters.
//!
//! A few thousand candidates at most are read through the inverted index: those in which the query stands as it is, those with all its
//! words in title, tags, codes and attributes, those with all its words anywhere. If there are none, Latin words that
//! nobody uses are taken for a slip or for initials; if there are still none, those with most of the words are looked for. They are
//! ranked by BM25 ([`super::rank`]).

use super::{
    candidates::{self, Candidate},
    facets::{self, Facets},
    rank,
    read::{self, MarketListing},
    terms::{self, Counts},
    wanted::Wanted,
};
use db::{DbError, schema::market_sellers as sellers};
use diesel::{PgConnection, prelude::*};
use kernel::{
    ids::TenantId,
    pages::{Page, PageRequest},
    text_enum,
};
use words::INITIALS;

/// How far into a result one may page; whoever wants more narrows the search.
const DEEPEST: i64 = 5_000;
/// Listings with most of the words that are enough.
const ENOUGH: usize = 10;
/// Unknown words of a query that are taken for slips.
const SLIPS: usize = 3;
/// Characters of a title and of a description's part that are shown with marks, and of a description in which they are looked for.
const TITLE_CHARS: usize = 200;
const SNIPPET_CHARS: usize = 120;
const SEARCHED: usize = 3_000;

text_enum! {
    /// The order of a search's results.
    pub enum MarketSort {
        /// Best match first; without words, newest first.
        Relevance = "relevance",
        /// Newest first.
        Newest = "newest",
        /// Cheapest first.
        PriceAscending = "price_asc",
        /// Dearest first.
        PriceDescending = "price_desc",
    }
}

/// What a visitor looks for.
#[derive(Debug, Clone)]
pub struct MarketQuery {
    /// Words; none finds everything.
    pub text: String,
    /// A category's name, or the id of a seller's own.
    pub category: Option<String>,
    /// A seller's id or short name.
    pub seller: Option<String>,
    /// Names of attributes or options, with the value wanted of each.
    pub attributes: Vec<(String, String)>,
    /// The lowest price of one unit is at least this, in minor units.
    pub min_price: Option<i64>,
    /// The lowest price of one unit is at most this, in minor units.
    pub max_price: Option<i64>,
    /// The order.
    pub sort: MarketSort,
}

/// What was found.
#[derive(Debug)]
pub struct MarketResults {
    /// The listings of the page.
    pub page: Page<MarketListing, i64>,
    /// By what the result can be narrowed; told with the first page.
    pub facets: Option<Facets>,
    /// What was looked for, for showing where it stands.
    pub query: LookedFor,
    /// What was looked for instead of words that nobody uses.
    pub corrected: Option<String>,
}

/// What was looked for, cut into words.
#[derive(Debug)]
pub struct LookedFor(words::Query);

impl LookedFor {
    /// Where it stands in a listing's title and description, as HTML: escaped, with `<mark>` around it.
    pub fn marked_in(&self, listing: &MarketListing) -> (Option<String>, Option<String>) {
        let title = words::marked(&listing.title, &self.0, TITLE_CHARS);
        (title, words::marked(words::first_chars(&listing.detail.description, SEARCHED), &self.0, SNIPPET_CHARS))
    }
}

/// Listings that fit, from the offset `page.after` on.
pub fn search(conn: &mut PgConnection, query: &MarketQuery, page: &PageRequest<i64>) -> Result<MarketResults, DbError> {
    candidates::bound(conn)?;
    let offset = page.after.unwrap_or_default().clamp(0, DEEPEST);
    let seller = match &query.seller {
        None => None,
        Some(text) => match seller_id(conn, text)? {
            None => return Ok(nothing(Wanted::of(query, None))),
            found => found,
        },
    };
    let wanted = Wanted::of(query, seller);
    if !wanted.query.units.is_empty() {
        matching(conn, wanted, query.sort, (page, offset))
    } else if query.text.trim().is_empty() {
        everything(conn, wanted, query.sort, (page, offset))
    } else {
        Ok(nothing(wanted))
    }
}

fn nothing(wanted: Wanted) -> MarketResults {
    let page = Page { data: Vec::new(), next: None };
    MarketResults { page, facets: None, query: LookedFor(wanted.query), corrected: None }
}

fn seller_id(conn: &mut PgConnection, text: &str) -> Result<Option<TenantId>, DbError> {
    if let Ok(id) = text.parse() {
        return Ok(Some(id));
    }
    Ok(sellers::table.filter(sellers::slug.eq(text)).select(sellers::seller_id).first(conn).optional()?)
}

type At<'p> = (&'p PageRequest<i64>, i64);

fn everything(
    conn: &mut PgConnection,
    wanted: Wanted,
    sort: MarketSort,
    (page, offset): At<'_>,
) -> Result<MarketResults, DbError> {
    let ids = candidates::browse(conn, &wanted, sort, (page.fetch(), offset))?;
    let facets = match (offset, wanted.filters.is_empty()) {
        (0, true) => Some(facets::of_all(conn)?),
        (0, false) => {
            let filters = [wanted.all(&Counts::default())];
            let some = candidates::find(conn, (&filters, &[]), &wanted, sort)?;
            Some(facets::of_candidates(conn, &some)?)
        }
        _ => None,
    };
    let page = shown(conn, ids, (page, offset))?;
    Ok(MarketResults { page, facets, query: LookedFor(wanted.query), corrected: None })
}

fn matching(
    conn: &mut PgConnection,
    mut wanted: Wanted,
    sort: MarketSort,
    (page, offset): At<'_>,
) -> Result<MarketResults, DbError> {
    let mut counts = Counts::of(conn, wanted.words())?;
    let mut found = with_all(conn, &wanted, &counts, sort)?;
    let mut corrected = None;
    if found.is_empty() && correct(conn, &mut wanted, &counts)? {
        counts = Counts::of(conn, wanted.words())?;
        found = with_all(conn, &wanted, &counts, sort)?;
        let texts: Vec<&str> = wanted.query.units.iter().map(|unit| unit.text.as_str()).collect();
        corrected = Some(texts.join(" "));
    }
    if found.is_empty() {
        found = with_most(conn, &wanted, &counts, sort)?;
    }
    rank::order(&mut found, &wanted.query, &counts, sort);
    let facets = if offset == 0 { Some(facets::of_candidates(conn, &found)?) } else { None };
    let (start, limit) =
        (usize::try_from(offset).unwrap_or_default(), usize::try_from(page.fetch()).unwrap_or_default());
    let ids = found.iter().skip(start).take(limit).map(|found| found.listing_id).collect();
    let page = shown(conn, ids, (page, offset))?;
    Ok(MarketResults { page, facets, query: LookedFor(wanted.query), corrected })
}

fn with_all(
    conn: &mut PgConnection,
    wanted: &Wanted,
    counts: &Counts,
    sort: MarketSort,
) -> Result<Vec<Candidate>, DbError> {
    let all = wanted.all(counts);
    candidates::find(conn, (&[wanted.phrase(counts), all.clone()], &[all]), wanted, sort)
}

fn with_most(
    conn: &mut PgConnection,
    wanted: &Wanted,
    counts: &Counts,
    sort: MarketSort,
) -> Result<Vec<Candidate>, DbError> {
    let mut found = Vec::new();
    for choices in wanted.most(counts) {
        found = candidates::find(conn, (&choices, &choices), wanted, sort)?;
        if found.len() >= ENOUGH {
            break;
        }
    }
    Ok(found)
}

/// Puts words that are used in the place of Latin ones that are not: initials, or what a slip made of them.
fn correct(conn: &mut PgConnection, wanted: &mut Wanted, counts: &Counts) -> Result<bool, DbError> {
    let mut changed = false;
    for word in wanted.unknown(counts).into_iter().take(SLIPS) {
        let initials = format!("{INITIALS}{word}");
        let sounds = Counts::of(conn, std::iter::once(initials.as_str()))?.listings(&initials) > 0;
        let better = if sounds { Some(initials) } else { terms::similar(conn, &word)? };
        if let Some(better) = better {
            wanted.replace(&word, &better);
            changed = true;
        }
    }
    Ok(changed)
}

fn shown(
    conn: &mut PgConnection,
    ids: Vec<kernel::ids::ProductId>,
    (page, offset): At<'_>,
) -> Result<Page<MarketListing, i64>, DbError> {
    let ids = Page::of(ids, page, |_| offset + page.limit);
    let next = ids.next.filter(|next| *next < DEEPEST);
    Ok(Page { data: read::by_ids(conn, &ids.data)?, next })
}
