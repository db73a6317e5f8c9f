//! Setting up: roles and database by a superuser once, schema by its owner at every new version.

use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Bool};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");
const BOOTSTRAP: &str = include_str!("../bootstrap.sql");
/// Functions, triggers and policies that are replaced as a whole after each run of migrations, in this order.
const REPLACEABLE: &[&str] = &[
    include_str!("../replaceable/append_only.sql"),
    include_str!("../replaceable/jobs.sql"),
    include_str!("../replaceable/catalogue.sql"),
    include_str!("../replaceable/ledger.sql"),
    include_str!("../replaceable/orders.sql"),
    include_str!("../replaceable/payments.sql"),
    include_str!("../replaceable/schema_version.sql"),
];

/// Why the database could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection.
    #[error("cannot connect to the database: {0}")]
    Connect(#[from] diesel::ConnectionError),
    /// A statement failed.
    #[error("a set-up statement failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Migration(String),
    /// A password holds characters other than letters and digits.
    #[error("role passwords must be letters and digits only")]
    BadPassword,
    /// A database name holds characters other than lower-case letters, digits and underscores.
    #[error("bad database name")]
    BadName,
}

/// Passwords of the two login roles.
#[derive(Debug, Clone)]
pub struct RolePasswords {
    /// Of `smecloud_owner`, which runs migrations.
    pub owner: kernel::secrets::Secret,
    /// Of `smecloud_app`, which api and worker log in as.
    pub app: kernel::secrets::Secret,
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Makes the roles and an empty database, as a superuser. Safe to repeat.
pub fn bootstrap(superuser_url: &str, passwords: &RolePasswords) -> Result<(), MigrateError> {
    let mut conn = PgConnection::establish(superuser_url)?;
    conn.batch_execute(BOOTSTRAP)?;
    for (role, password) in [("smecloud_owner", &passwords.owner), ("smecloud_app", &passwords.app)] {
        let password = password.expose();
        if password.is_empty() || !password.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(MigrateError::BadPassword);
        }
        conn.batch_execute(&format!("ALTER ROLE {role} PASSWORD '{password}'"))?;
    }
    Ok(())
}

/// Makes an empty database that belongs to `smecloud_owner`, as a superuser. Safe to repeat.
pub fn create_database(superuser_url: &str, name: &str) -> Result<(), MigrateError> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return Err(MigrateError::BadName);
    }
    let mut conn = PgConnection::establish(superuser_url)?;
    let exists: Exists =
        diesel::sql_query(format!("SELECT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') AS found"))
            .get_result(&mut conn)?;
    if !exists.found {
        conn.batch_execute(&format!("CREATE DATABASE {name} OWNER smecloud_owner"))?;
    }
    conn.batch_execute(&format!(
        "REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO smecloud_app"
    ))?;
    Ok(())
}

/// Brings the schema to this program's version, as its owner. Safe to repeat and to interrupt: each migration is one
/// transaction. Returns how many ran.
pub fn migrate(owner_url: &str) -> Result<usize, MigrateError> {
    let mut conn = PgConnection::establish(owner_url)?;
    // Two programs that start at once take turns.
    conn.batch_execute("SELECT pg_advisory_lock(hashtext('smecloud.migrate'))")?;
    let ran = conn.run_pending_migrations(MIGRATIONS).map_err(|e| MigrateError::Migration(e.to_string()))?.len();
    conn.transaction::<_, diesel::result::Error, _>(|conn| {
        REPLACEABLE.iter().try_for_each(|sql| conn.batch_execute(sql))
    })?;
    Ok(ran)
}

/// Takes every migration back, newest first; only tests do this.
pub fn revert_all(owner_url: &str) -> Result<usize, MigrateError> {
    let mut conn = PgConnection::establish(owner_url)?;
    conn.revert_all_migrations(MIGRATIONS)
        .map(|reverted| reverted.len())
        .map_err(|e| MigrateError::Migration(e.to_string()))
}

fn versions() -> Vec<String> {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).unwrap_or_default();
    migrations.iter().map(|migration| migration.name().version().to_string()).collect()
}

/// The newest migration this program knows: the version of its schema.
pub fn newest() -> String {
    versions().into_iter().max().unwrap_or_default()
}

/// How the applied versions differ from those this binary knows; `None` if they do not.
pub(crate) fn difference(applied: &[String]) -> Option<String> {
    let known = versions();
    let missing = known.iter().filter(|version| !applied.contains(version)).count();
    let unknown = applied.iter().filter(|version| !known.contains(version)).count();
    match (missing, unknown) {
        (0, 0) => None,
        (missing, 0) => Some(format!("{missing} migrations are missing")),
        (_, unknown) => Some(format!("it has {unknown} migrations that this program does not know")),
    }
}
