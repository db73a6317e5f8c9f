//! How common words are in the market.

use db::{DbError, schema::market_terms as terms};
use diesel::{
    PgConnection,
    prelude::*,
    sql_types::{Array, BigInt, Text},
};
use std::collections::HashMap;

/// The number of listings, and the sum of their lengths, under words that no text has.
pub(crate) const TOTAL: &str = "total:listings";
pub(crate) const LENGTH: &str = "total:length";
/// Words with a spelling in common that are looked at.
const SIMILAR: i64 = 50;

/// What a word is.
pub(crate) fn kind(word: &str) -> &str {
    match word.split_once(':') {
        Some((kind, _)) => kind,
        None => "word",
    }
}

/// How many listings there are, how long they are, and how many of them have each of some words.
#[derive(Debug, Default)]
pub(super) struct Counts {
    by_word: HashMap<String, i64>,
}

impl Counts {
    pub(super) fn of<'w>(conn: &mut PgConnection, words: impl Iterator<Item = &'w str>) -> Result<Self, DbError> {
        let words: Vec<&str> = words.chain([TOTAL, LENGTH]).collect();
        let rows: Vec<(String, i64)> =
            terms::table.filter(terms::word.eq_any(words)).select((terms::word, terms::listings)).load(conn)?;
        Ok(Self { by_word: rows.into_iter().collect() })
    }

    /// Listings with this word that have been counted.
    pub(super) fn listings(&self, word: &str) -> i64 {
        self.by_word.get(word).copied().unwrap_or_default().max(0)
    }

    /// All listings.
    pub(super) fn total(&self) -> i64 {
        self.listings(TOTAL)
    }

    /// Words of an ordinary listing.
    pub(super) fn usual_length(&self) -> i64 {
        (self.listings(LENGTH) / self.total().max(1)).max(1)
    }
}

#[derive(QueryableByName)]
struct Term {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = BigInt)]
    listings: i64,
}

/// Words that differ from this one by a slip, the nearest and then the most common first.
pub(super) fn similar(conn: &mut PgConnection, word: &str) -> Result<Option<String>, DbError> {
    let spellings: Vec<String> = words::spellings(word).into_iter().collect();
    if spellings.is_empty() {
        return Ok(None);
    }
    let found: Vec<Term> = diesel::sql_query(
        "SELECT word, listings FROM market_terms
         WHERE spellings IS NOT NULL AND spellings && $1 AND listings > 0 ORDER BY listings DESC LIMIT $2",
    )
    .bind::<Array<Text>, _>(spellings)
    .bind::<BigInt, _>(SIMILAR)
    .load(conn)?;
    Ok(found.into_iter().min_by_key(|term| (words::distance(word, &term.word), -term.listings)).map(|term| term.word))
}

/// The most common words of a kind, with the number of listings.
pub(super) fn most_common(conn: &mut PgConnection, kind: &str, limit: i64) -> Result<Vec<(String, i64)>, DbError> {
    Ok(terms::table
        .filter(terms::kind.eq(kind))
        .filter(terms::kind.eq_any(["seller", "category", "fact"]))
        .filter(terms::listings.gt(0))
        .order(terms::listings.desc())
        .limit(limit)
        .select((terms::word, terms::listings))
        .load(conn)?)
}
