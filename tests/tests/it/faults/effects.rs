//! What a request left in the database: how much every table and each of its columns has grown.

use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};
use std::collections::BTreeMap;
use tests::TestApp;

/// Growth by table, `table.column` (sums of numbers, times that are set) and `table.column=word` (rows of a kind).
pub type Effect = BTreeMap<String, i64>;

/// Columns that tell how often something happened before, or of which words a name consists, and so differ between two equal
/// requests; and tables of that kind.
const COLUMNS_APART: &str = "'seq', 'totp_last_step', 'number', 'position', 'length'";
const TABLES_APART: &str = "'log_in_throttle', 'market_changes', 'market_terms'";

#[derive(QueryableByName)]
struct Measure {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    value: i64,
}

/// Writes the query that takes all measures.
const MEASURES: &str = "
    SELECT string_agg(measure, ' UNION ALL ') AS name, 0::bigint AS value FROM (
        SELECT format('SELECT %L::text AS name, count(*) AS value FROM %I', relname, relname) AS measure
        FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relname IN ({tables})
        UNION ALL
        SELECT CASE
            WHEN data_type IN ('integer', 'smallint', 'bigint', 'numeric') THEN
                format('SELECT %L, coalesce(sum(%I), 0)::bigint FROM %I', name, column_name, table_name)
            WHEN data_type = 'timestamp with time zone' THEN
                format('SELECT %L, count(%I) FROM %I', name, column_name, table_name)
            ELSE format('SELECT %L || %I, count(*) FROM %I GROUP BY %2$I', name || '=', column_name, table_name)
        END
        FROM (SELECT *, table_name || '.' || column_name AS name FROM information_schema.columns) AS c
        WHERE table_schema = 'public' AND NOT table_name IN ({tables}) AND NOT column_name IN ({columns})
          AND (data_type IN ('integer', 'smallint', 'bigint', 'numeric', 'timestamp with time zone')
               OR (data_type = 'text' AND column_name IN ('status', 'state', 'role', 'side', 'kind', 'type', 'action')))
    ) AS measures";

/// All measures as of now.
pub fn measures(app: &TestApp) -> Effect {
    let measures = MEASURES.replace("{tables}", TABLES_APART).replace("{columns}", COLUMNS_APART);
    let mut conn = app.database.superuser();
    let query: Measure = diesel::sql_query(measures).get_result(&mut conn).unwrap();
    let rows: Vec<Measure> = diesel::sql_query(query.name).load(&mut conn).unwrap();
    rows.into_iter().map(|row| (row.name, row.value)).collect()
}

/// What has grown or shrunk since.
pub fn since(before: &Effect, app: &TestApp) -> Effect {
    let after = measures(app);
    let names = before.keys().chain(after.keys()).collect::<std::collections::BTreeSet<_>>();
    let of = |effect: &Effect, name: &String| effect.get(name).copied().unwrap_or_default();
    let grown = names.into_iter().map(|name| (name.clone(), of(&after, name) - of(before, name)));
    grown.filter(|(_, growth)| *growth != 0).collect()
}

/// The same effect so many times over.
pub fn times(effect: &Effect, count: i64) -> Effect {
    effect.iter().map(|(name, growth)| (name.clone(), growth * count)).collect()
}
