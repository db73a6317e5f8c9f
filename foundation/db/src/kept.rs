//! Writes whose plans are kept.

use diesel::{
    PgConnection, RunQueryDsl,
    pg::Pg,
    query_builder::{AstPass, InsertStatement, Query, QueryFragment, QueryId, UpdateStatement},
    result::QueryResult,
};

/// A write that PostgreSQL parses and plans once a connection; the plan is found again by the statement's text.
///
/// Diesel does so for reads, and not for writes, because a write's text may depend on its values. It may here too, where the
/// texts are few: one row at a time, with or without some value.
#[derive(Debug, Clone, Copy)]
pub struct Kept<Q>(Q);

/// Statements that can be [`Kept`].
pub trait Keep: Sized {
    /// The same statement with its plan kept; for those that many requests send.
    fn kept(self) -> Kept<Self> {
        Kept(self)
    }
}

impl<T: diesel::QuerySource, U, Op, Ret> Keep for InsertStatement<T, U, Op, Ret> {}
impl<T: diesel::QuerySource, U, V, Ret> Keep for UpdateStatement<T, U, V, Ret> {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Kept<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: Query> Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> RunQueryDsl<PgConnection> for Kept<Q> {}
