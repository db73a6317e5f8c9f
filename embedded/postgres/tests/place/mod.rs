//! A data directory for one test, and a way to ask the server.
#![expect(clippy::unwrap_used, unreachable_pub, reason = "test code shared by the binaries of this folder")]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use embedded_postgres::{Config, EmbeddedPostgres};
use tempfile::TempDir;

/// A temporary data directory.
pub struct Place {
    dir: TempDir,
}

impl Place {
    /// One that the server's account can enter, also when the tests run as root.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        Self { dir }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("data dir") // the blank must survive in paths and URLs
    }

    pub fn cluster(&self) -> PathBuf {
        self.root().join("pg/data")
    }

    pub fn config(&self) -> Config {
        let settings = [("max_connections", "20"), ("shared_buffers", "16MB")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Config { root: self.root(), settings }
    }

    pub fn start(&self) -> EmbeddedPostgres {
        EmbeddedPostgres::start(&self.config()).unwrap()
    }
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Text)]
    answer: String,
}

/// The value of the text expression `sql`, on a fresh connection.
pub fn ask(server: &EmbeddedPostgres, sql: &str) -> String {
    let mut connection = PgConnection::establish(&server.superuser_url("postgres")).unwrap();
    let row: Answer = sql_query(format!("SELECT ({sql})::text AS answer")).get_result(&mut connection).unwrap();
    row.answer
}

/// Runs a statement on a fresh connection.
pub fn run(server: &EmbeddedPostgres, sql: &str) {
    let mut connection = PgConnection::establish(&server.superuser_url("postgres")).unwrap();
    sql_query(sql).execute(&mut connection).unwrap();
}
