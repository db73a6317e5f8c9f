//! The floor: PostgreSQL's own text search over the same words, ranked by `ts_rank`, which knows no rarity.

use crate::{engine::Engine, place::Place};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{Integer, Text},
};
use std::cell::RefCell;

const FILL: &str = "
DROP TABLE IF EXISTS floor_texts;
CREATE TABLE floor_texts AS SELECT (regexp_match(l.detail->'variants'->0->>'sku', '[0-9]+'))[1]::integer AS number,
    array_to_tsvector(array(SELECT word FROM unnest(i.head) AS word WHERE word NOT LIKE '%:%' AND word NOT LIKE '~%')) AS words
    FROM market_listings l JOIN market_index i ON i.listing_id = l.id;
CREATE INDEX ON floor_texts USING gin (words);
VACUUM ANALYZE floor_texts;";

/// Takes in what the market has.
pub(crate) fn fill(place: &Place) -> anyhow::Result<()> {
    Ok(place.superuser()?.batch_execute(FILL)?)
}

pub(crate) struct Floor {
    conn: RefCell<PgConnection>,
}

#[derive(QueryableByName)]
struct Hit {
    #[diesel(sql_type = Integer)]
    number: i32,
}

impl Floor {
    pub(crate) fn open(place: &Place) -> anyhow::Result<Self> {
        let mut conn = place.superuser()?;
        conn.batch_execute("SET statement_timeout = '30s'")?;
        Ok(Self { conn: RefCell::new(conn) })
    }

    fn query(&self, words: &[&str], sign: &str) -> anyhow::Result<Vec<usize>> {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', "''"))).collect();
        let sql = "SELECT number FROM floor_texts WHERE words @@ $1::tsquery ORDER BY ts_rank(words, $1::tsquery) DESC, number LIMIT 10";
        let query = diesel::sql_query(sql).bind::<Text, _>(quoted.join(sign));
        let hits: Vec<Hit> = query.load(&mut *self.conn.borrow_mut())?;
        Ok(hits.into_iter().filter_map(|hit| usize::try_from(hit.number).ok()).collect())
    }
}

impl Engine for Floor {
    fn name(&self) -> &'static str {
        "ts_rank"
    }

    fn find(&self, text: &str) -> anyhow::Result<Vec<usize>> {
        let query = words::Query::of(text);
        let words: Vec<&str> = query.units.iter().flat_map(|unit| &unit.needs).map(String::as_str).collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let all = self.query(&words, " & ")?;
        if all.is_empty() { self.query(&words, " | ") } else { Ok(all) }
    }
}
