//! Orders candidates: BM25 over weighed words, and how near to each other they stand in the title. Pure.
#![expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a rank is no amount of money")]

use super::{candidates::Candidate, search::MarketSort, terms::Counts, weights::Digest};
use words::Query;

/// BM25: how soon more of a word counts no more, and how much a long listing loses.
const SATURATION: f64 = 1.2;
const LENGTH: f64 = 0.75;
/// What a word counts that stands in a description only.
const DESCRIPTION: f64 = 1.0;
/// What it adds when all words stand side by side.
const NEARNESS: f64 = 0.2;
/// The best ones, of which nearness is looked at.
const LOOKED_AT: usize = 200;

struct Scored {
    digest: Digest,
    worth: f64,
    needed: bool,
}

/// Puts the best match, the newest or the cheapest first.
pub(super) fn order(candidates: &mut [Candidate], query: &Query, counts: &Counts, sort: MarketSort) {
    match sort {
        MarketSort::Relevance => by_relevance(candidates, query, counts),
        MarketSort::Newest => candidates.sort_by_key(|found| std::cmp::Reverse((found.published_at, found.listing_id))),
        MarketSort::PriceAscending => candidates.sort_by_key(|found| (found.min_price_minor, found.listing_id)),
        MarketSort::PriceDescending => {
            candidates.sort_by_key(|found| std::cmp::Reverse((found.min_price_minor, found.listing_id)));
        }
    }
}

fn by_relevance(candidates: &mut [Candidate], query: &Query, counts: &Counts) {
    let scored = scored(query, counts);
    let usual = counts.usual_length() as f64;
    candidates.sort_by_cached_key(|found| (descending(score(found, &scored, usual)), found.listing_id));
    let best = candidates.len().min(LOOKED_AT);
    candidates[..best].sort_by_cached_key(|found| {
        let score = score(found, &scored, usual) * (1.0 + NEARNESS * nearness(&found.title, query));
        (descending(score), found.listing_id)
    });
}

/// A key that sorts scores from the highest down; they are never negative.
fn descending(score: f64) -> std::cmp::Reverse<u64> {
    std::cmp::Reverse(score.to_bits())
}

fn scored(query: &Query, counts: &Counts) -> Vec<Scored> {
    let total = counts.total() as f64;
    let needed = |word: &String| query.units.iter().any(|unit| unit.needs.contains(word));
    let of = |(word, share): &(String, u8)| {
        let listings = counts.listings(word) as f64;
        let rarity = (1.0 + (total - listings + 0.5).max(0.5) / (listings + 0.5)).ln();
        Scored { digest: Digest::of(word), worth: f64::from(*share) * rarity, needed: needed(word) }
    };
    query.scored.iter().map(of).collect()
}

fn score(found: &Candidate, scored: &[Scored], usual: f64) -> f64 {
    let burden = SATURATION * (1.0 - LENGTH + LENGTH * f64::from(found.length) / usual);
    let of = |word: &Scored| {
        let weight = match word.digest.weight_in(&found.weights) {
            0 if word.needed && found.by_description => DESCRIPTION,
            weight => f64::from(weight),
        };
        word.worth * weight * (SATURATION + 1.0) / (weight + burden)
    };
    scored.iter().map(of).sum()
}

/// From 0, when a word is missing, to 1, when all words of the query stand side by side and in order.
fn nearness(title: &str, query: &Query) -> f64 {
    let mut places = Vec::new();
    let mut letters = 0;
    for unit in query.units.iter().filter(|unit| !unit.optional) {
        let Some(start) = title.find(&unit.text) else { return 0.0 };
        places.push((start, start + unit.text.len()));
        letters += unit.text.len();
    }
    let (Some(first), Some(last)) = (places.iter().map(|p| p.0).min(), places.iter().map(|p| p.1).max()) else {
        return 0.0;
    };
    let in_order = if places.is_sorted() { 1.0 } else { 0.5 };
    in_order * (letters as f64 / (last - first).max(1) as f64).min(1.0)
}
