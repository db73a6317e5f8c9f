//! One PostgreSQL for the whole test process, one database for each test, cloned from a migrated template.
#![expect(clippy::expect_used, reason = "a support library of tests: what fails here fails the test")]

mod line;
mod noise;
mod outside;

pub use line::Line;
pub use noise::noise;
pub use outside::OutsideStore;

use db::migrate::{self, RolePasswords};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types,
};
use embedded_postgres::EmbeddedPostgres;
use kernel::secrets::Secret;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

const TEMPLATE: &str = "smecloud_template";
const PASSWORD: &str = "onlyfortests";

/// The test process's PostgreSQL, started when first asked for. It ends with the process.
pub struct Cluster {
    postgres: EmbeddedPostgres,
    /// PostgreSQL copies one template at a time.
    cloning: Mutex<()>,
    next: AtomicU32,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();

impl Cluster {
    /// The cluster.
    pub fn get() -> &'static Self {
        CLUSTER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let runs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-clusters");
        forget_ended_runs(&runs);
        let root = runs.join(std::process::id().to_string());
        let settings =
            [("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("max_connections", "300")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let postgres =
            EmbeddedPostgres::start(&embedded_postgres::Config { root, settings }).expect("PostgreSQL starts");
        let cluster = Self { postgres, cloning: Mutex::new(()), next: AtomicU32::new(1) };
        let superuser = cluster.superuser_url("postgres");
        let passwords = RolePasswords { owner: Secret::new(PASSWORD.into()), app: Secret::new(PASSWORD.into()) };
        migrate::bootstrap(&superuser, &passwords).expect("roles");
        migrate::create_database(&superuser, TEMPLATE).expect("template");
        migrate::migrate(&cluster.owner_url(TEMPLATE)).expect("migrations");
        cluster
    }

    /// URL of the superuser, for looking at what tests did and for breaking things on purpose.
    pub fn superuser_url(&self, database: &str) -> String {
        self.postgres.superuser_url(database)
    }

    /// URL of the schema's owner.
    pub fn owner_url(&self, database: &str) -> String {
        self.postgres.url("smecloud_owner", PASSWORD, database)
    }

    /// A database of its own, migrated.
    pub fn database(&'static self) -> TestDatabase {
        self.copy_of(TEMPLATE)
    }

    /// A database without any table.
    pub fn empty_database(&'static self) -> TestDatabase {
        let name = self.next_name();
        migrate::create_database(&self.superuser_url("postgres"), &name).expect("database");
        TestDatabase { cluster: self, name }
    }

    fn copy_of(&'static self, template: &str) -> TestDatabase {
        let name = self.next_name();
        let _one_at_a_time = self.cloning.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut conn = PgConnection::establish(&self.superuser_url("postgres")).expect("superuser");
        conn.batch_execute(&format!(
            "CREATE DATABASE {name} TEMPLATE {template} OWNER smecloud_owner STRATEGY file_copy"
        ))
        .expect("clone");
        conn.batch_execute(&format!(
            "REVOKE ALL ON DATABASE {name} FROM PUBLIC; GRANT CONNECT ON DATABASE {name} TO smecloud_app"
        ))
        .expect("rights");
        TestDatabase { cluster: self, name }
    }

    fn next_name(&self) -> String {
        format!("test_{}", self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Removes the folders of test processes that are gone.
fn forget_ended_runs(runs: &Path) {
    for entry in std::fs::read_dir(runs).into_iter().flatten().flatten() {
        let ended = !Path::new("/proc").join(entry.file_name()).exists();
        if ended {
            if let Ok(elsewhere) = std::fs::read_link(entry.path().join("pg")) {
                let _ = std::fs::remove_dir_all(elsewhere);
            }
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A test's database.
pub struct TestDatabase {
    cluster: &'static Cluster,
    name: String,
}

impl TestDatabase {
    /// URL of the unprivileged login role, as api and worker use it.
    pub fn app_url(&self) -> String {
        self.cluster.postgres.url("smecloud_app", PASSWORD, &self.name)
    }

    /// The same through somebody who listens there and passes everything on to [`TestDatabase::socket`].
    pub fn app_url_through(&self, proxy: SocketAddr) -> String {
        format!("postgresql://smecloud_app:{PASSWORD}@{proxy}/{}?sslmode=disable", self.name)
    }

    /// The server's socket.
    pub fn socket(&self) -> PathBuf {
        self.cluster.postgres.socket_dir().join(".s.PGSQL.5432")
    }

    /// URL of the schema's owner.
    pub fn owner_url(&self) -> String {
        self.cluster.owner_url(&self.name)
    }

    /// URL of the superuser.
    pub fn superuser_url(&self) -> String {
        self.cluster.superuser_url(&self.name)
    }

    /// A connection that sees everything, past row-level security.
    pub fn superuser(&self) -> PgConnection {
        PgConnection::establish(&self.superuser_url()).expect("superuser")
    }

    /// Runs statements as superuser.
    pub fn sql(&self, sql: &str) {
        self.superuser().batch_execute(sql).expect("statements");
    }

    /// The number that a query as superuser gives in a column `count`.
    pub fn count(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = sql_types::BigInt)]
            count: i64,
        }
        let row: Count = sql_query(sql).get_result(&mut self.superuser()).expect("count");
        row.count
    }

    /// The one value of a query as superuser, as text; empty for NULL.
    pub fn ask(&self, sql: &str) -> String {
        #[derive(QueryableByName)]
        struct Answer {
            #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
            answer: Option<String>,
        }
        let row: Answer =
            sql_query(format!("SELECT ({sql})::text AS answer")).get_result(&mut self.superuser()).expect("answer");
        row.answer.unwrap_or_default()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(mut conn) = PgConnection::establish(&self.cluster.superuser_url("postgres")) {
            let _ = conn.batch_execute(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        }
    }
}
