use crate::market::{LENGTH, TOTAL, kind};
use db::{DbError, PlatformTx};
use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Integer, SmallInt, Text},
};
use jobs::{Job, JobContext, JobError, PlatformScope, Policy};
use std::collections::BTreeMap;
use words::{initials, spellings};

/// Changes counted by one transaction.
const AT_ONCE: i64 = 500;

/// Counts how many listings have each word, from what came and went since the last run.
///
/// Enqueued by: the schedule, every ten seconds. Repeats: safe, what is counted is gone in the same transaction. Order: none
/// assumed; counts may be below zero for a moment. Gives up: never; the next slot goes on.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct CountWords {}

impl Job for CountWords {
    const KIND: &'static str = "catalogue.count_words";
    const POLICY: Policy = Policy::local();
    type Scope = PlatformScope;
    type Deps = ();

    async fn run(self, context: &JobContext<Self>) -> Result<(), JobError> {
        while context.platform("catalogue.count_words", count_some).await? > 0 {}
        Ok(())
    }
}

#[derive(QueryableByName)]
struct Change {
    #[diesel(sql_type = Array<Text>)]
    words: Vec<String>,
    #[diesel(sql_type = Integer)]
    length: i32,
    #[diesel(sql_type = SmallInt)]
    sign: i16,
}

const TAKE: &str = "
DELETE FROM market_changes WHERE id IN (SELECT id FROM market_changes ORDER BY id LIMIT $1) RETURNING words, length, sign";
const ADD: &str = "
INSERT INTO market_terms (word, kind, listings, initials, spellings)
SELECT word, kind, listings, nullif(initials, ''), CASE WHEN spellings <> '' THEN string_to_array(spellings, ' ') END
FROM unnest($1, $2, $3, $4, $5) AS new (word, kind, listings, initials, spellings)
ON CONFLICT (word) DO UPDATE SET listings = market_terms.listings + excluded.listings";
const FORGET: &str = "DELETE FROM market_terms WHERE word = ANY($1) AND listings = 0";

/// Counts some changes. Returns how many there were.
fn count_some(tx: &mut PlatformTx<'_>) -> Result<usize, DbError> {
    let changes: Vec<Change> = diesel::sql_query(TAKE).bind::<BigInt, _>(AT_ONCE).load(tx.conn())?;
    // In the order of the words, so that two runs at once would wait for each other and not both for ever.
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for change in &changes {
        let sign = i64::from(change.sign);
        *sums.entry(TOTAL).or_default() += sign;
        *sums.entry(LENGTH).or_default() += sign * i64::from(change.length);
        change.words.iter().for_each(|word| *sums.entry(word).or_default() += sign);
    }
    sums.retain(|_, sum| *sum != 0);
    add(tx, &sums)?;
    let gone: Vec<&str> = sums.iter().filter(|(_, sum)| **sum < 0).map(|(word, _)| *word).collect();
    diesel::sql_query(FORGET).bind::<Array<Text>, _>(gone).execute(tx.conn())?;
    Ok(changes.len())
}

fn add(tx: &mut PlatformTx<'_>, sums: &BTreeMap<&str, i64>) -> Result<(), DbError> {
    let (words, sums): (Vec<&str>, Vec<i64>) = sums.iter().map(|(word, sum)| (*word, *sum)).unzip();
    let kinds: Vec<&str> = words.iter().map(|word| kind(word)).collect();
    let sounds: Vec<String> =
        words.iter().map(|word| word.strip_prefix("say:").map(initials).unwrap_or_default()).collect();
    let alike: Vec<String> =
        words.iter().map(|word| spellings(word).into_iter().collect::<Vec<_>>().join(" ")).collect();
    diesel::sql_query(ADD)
        .bind::<Array<Text>, _>(words)
        .bind::<Array<Text>, _>(kinds)
        .bind::<Array<BigInt>, _>(sums)
        .bind::<Array<Text>, _>(sounds)
        .bind::<Array<Text>, _>(alike)
        .execute(tx.conn())?;
    Ok(())
}
