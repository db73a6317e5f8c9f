//! Start-up refusals: a login role that could see past row-level security, a schema that does not fit this binary.

use crate::{DbError, PublicTx, migrate};
use diesel::{
    prelude::*,
    sql_types::{Bool, Text},
};

/// Why this process must not start on this database.
#[derive(Debug, thiserror::Error)]
pub enum SelfCheckError {
    /// The login role is a superuser, bypasses row-level security, or owns tables.
    #[error("DATABASE_URL must name an unprivileged role: this one {0}")]
    PrivilegedRole(&'static str),
    /// The schema is older or newer than this binary.
    #[error("the database schema does not fit this program ({0}); run `smecloud migrate` with the same version")]
    UnknownSchema(String),
    /// The database could not be asked.
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(QueryableByName)]
struct LoginRole {
    #[diesel(sql_type = Bool)]
    superuser: bool,
    #[diesel(sql_type = Bool)]
    bypasses: bool,
    #[diesel(sql_type = Bool)]
    owns: bool,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Text)]
    version: String,
}

pub(crate) fn run(tx: &mut PublicTx<'_>) -> Result<(), SelfCheckError> {
    let role: LoginRole = diesel::sql_query(
        "SELECT rolsuper AS superuser, rolbypassrls AS bypasses,
                EXISTS (SELECT FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                        WHERE pg_has_role(session_user, o.oid, 'MEMBER') AND c.relkind IN ('r', 'p')
                          AND c.relnamespace = 'public'::regnamespace) AS owns
         FROM pg_roles WHERE rolname = session_user",
    )
    .get_result(tx.conn())
    .map_err(DbError::from)?;
    let fault = [
        (role.superuser, "is a superuser"),
        (role.bypasses, "bypasses row-level security"),
        (role.owns, "owns tables or can become their owner"),
    ];
    if let Some((_, text)) = fault.into_iter().find(|(wrong, _)| *wrong) {
        return Err(SelfCheckError::PrivilegedRole(text));
    }
    let applied: Vec<Applied> =
        diesel::sql_query("SELECT version::text FROM __diesel_schema_migrations ORDER BY version")
            .load(tx.conn())
            .map_err(DbError::from)?;
    let applied: Vec<String> = applied.into_iter().map(|row| row.version).collect();
    match migrate::difference(&applied) {
        None => Ok(()),
        Some(text) => Err(SelfCheckError::UnknownSchema(text)),
    }
}
