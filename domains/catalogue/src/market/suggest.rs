//! Proposes words to whoever types.

use super::entry::say_term;
use db::DbError;
use diesel::{
    PgConnection,
    prelude::*,
    sql_types::{BigInt, Text},
};

/// Proposals at once.
const PROPOSALS: i64 = 10;
/// Words with the same beginning that are looked at.
const LOOKED_AT: i64 = 2_000;
/// Characters of what is typed that are read.
const TYPED: usize = 40;

#[derive(QueryableByName)]
struct Proposal {
    #[diesel(sql_type = Text)]
    word: String,
}

/// Words that begin so, or whose initials do; the most common first.
const PROPOSE: &str = "
SELECT word FROM (
    (SELECT word, listings FROM market_terms WHERE word >= $1 AND word < $2 LIMIT $5)
    UNION
    (SELECT word, listings FROM market_terms
     WHERE initials IS NOT NULL AND initials >= $3 AND initials < $4 LIMIT $5)
) AS found WHERE listings > 0 ORDER BY listings DESC, word LIMIT $6";

/// What somebody may be about to type: the words before the last one stay, the last one is completed.
pub fn suggest(conn: &mut PgConnection, typed: &str) -> Result<Vec<String>, DbError> {
    let typed = words::normalised(words::first_chars(typed.trim_start(), TYPED));
    let (before, last) = typed.rsplit_once(' ').map_or(("", typed.as_str()), |(before, last)| (before, last));
    if last.is_empty() || last.contains('\0') {
        return Ok(Vec::new());
    }
    super::candidates::bound(conn)?;
    let end = |text: &str| format!("{text}\u{10ffff}");
    let word = say_term(last);
    let letters = if last.bytes().all(|byte| byte.is_ascii_alphanumeric()) { last } else { "\u{10ffff}" };
    let found: Vec<Proposal> = diesel::sql_query(PROPOSE)
        .bind::<Text, _>(&word)
        .bind::<Text, _>(end(&word))
        .bind::<Text, _>(letters)
        .bind::<Text, _>(end(letters))
        .bind::<BigInt, _>(LOOKED_AT)
        .bind::<BigInt, _>(PROPOSALS)
        .load(conn)?;
    let before = if before.is_empty() { String::new() } else { format!("{before} ") };
    let whole = |proposal: Proposal| format!("{before}{}", proposal.word.trim_start_matches("say:"));
    Ok(found.into_iter().map(whole).collect())
}
