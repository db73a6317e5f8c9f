//! Where it all runs: a temporary directory with an embedded PostgreSQL, and the API as a process of its own.

use crate::{settings::Settings, store::Store};
use anyhow::{Context, ensure};
use db::migrate::{self, RolePasswords};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Text};
use embedded_postgres::EmbeddedPostgres;
use kernel::secrets::Secret;
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const DATABASE: &str = "smecloud";
const FLOOR: &str = "floor";
const PASSWORD: &str = "onlyforbench";
/// Begins each entry of PostgreSQL's log; no statement holds it.
pub(crate) const LOG_MARK: &str = "@@bench@@";

/// PostgreSQL with the platform's database.
pub(crate) struct Place {
    // Fields drop in this order: the server ends before its files go.
    postgres: EmbeddedPostgres,
    dir: Folder,
}

/// The temporary directory, and where PostgreSQL keeps its cluster if its account cannot enter it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Ok(elsewhere) = fs::read_link(self.path().join("pg")) {
            let _ = fs::remove_dir_all(elsewhere);
        }
    }
}

impl Place {
    /// Starts PostgreSQL, set as the platform sets it, with an empty schema of this version.
    pub(crate) fn open(settings: &Settings) -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("data-").tempdir_in(&settings.dir)?;
        // PostgreSQL's account must be able to enter.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755))?;
        let set = [("max_connections", "200"), ("log_line_prefix", LOG_MARK), ("lc_messages", "C")];
        let set = set.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let config = embedded_postgres::Config { root: dir.path().to_owned(), settings: set };
        let place = Self { postgres: EmbeddedPostgres::start(&config)?, dir: Folder(dir) };
        let superuser = place.postgres.superuser_url("postgres");
        let passwords = RolePasswords { owner: Secret::new(PASSWORD.into()), app: Secret::new(PASSWORD.into()) };
        migrate::bootstrap(&superuser, &passwords)?;
        migrate::create_database(&superuser, DATABASE)?;
        migrate::migrate(&place.postgres.url("smecloud_owner", PASSWORD, DATABASE))?;
        Ok(place)
    }

    /// The platform's database, past row-level security.
    pub(crate) fn superuser(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::establish(&self.postgres.superuser_url(DATABASE))?)
    }

    /// The floor's database, past row-level security.
    pub(crate) fn floor(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::establish(&self.postgres.superuser_url(FLOOR))?)
    }

    /// Where `pgbench` connects: as the platform's log-in role, or past row-level security.
    pub(crate) fn floor_url(&self, with_policies: bool) -> String {
        if with_policies {
            self.postgres.url("smecloud_app", PASSWORD, FLOOR)
        } else {
            self.postgres.superuser_url(FLOOR)
        }
    }

    /// Has the platform's new connections log every statement, or none.
    pub(crate) fn log_statements(&self, on: bool) -> anyhow::Result<()> {
        let change = if on { "SET log_statement = 'all'" } else { "RESET log_statement" };
        Ok(self.superuser()?.batch_execute(&format!("ALTER ROLE smecloud_app {change}"))?)
    }

    /// Copies the platform's database, so that the floor's writes disturb no API. Nobody may be connected.
    pub(crate) fn copy_for_the_floor(&self) -> anyhow::Result<()> {
        let mut conn = PgConnection::establish(&self.postgres.superuser_url("postgres"))?;
        conn.batch_execute(&format!("CREATE DATABASE {FLOOR} TEMPLATE {DATABASE}"))?;
        conn.batch_execute(&format!("GRANT CONNECT ON DATABASE {FLOOR} TO smecloud_app"))?;
        self.floor()?.batch_execute("VACUUM ANALYZE")?;
        Ok(conn.batch_execute("CHECKPOINT")?)
    }

    /// PostgreSQL's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.dir.path().join("postgres.log")
    }

    /// The folder for scripts.
    pub(crate) fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// PostgreSQL's first process.
    pub(crate) fn postmaster(&self) -> u32 {
        self.postgres.pid().cast_unsigned()
    }

    /// `pgbench` of the very server.
    pub(crate) fn pgbench(&self) -> anyhow::Result<PathBuf> {
        let path =
            Path::new(&self.ask("SELECT setting AS answer FROM pg_config WHERE name = 'BINDIR'")?).join("pgbench");
        ensure!(
            path.exists(),
            "{} is missing: the floor cannot be measured. On Debian it comes with the package postgresql, \
             elsewhere with PostgreSQL's contrib programs",
            path.display()
        );
        Ok(path)
    }

    /// One text that the superuser is told.
    pub(crate) fn ask(&self, sql: &str) -> anyhow::Result<String> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            answer: String,
        }
        let row: Row = diesel::sql_query(sql).get_result(&mut self.superuser()?)?;
        Ok(row.answer)
    }

    /// Starts the API on this database and store. Payments and mail have addresses where nobody is: the scenarios do not use
    /// them.
    pub(crate) fn start_api(&self, program: &Path, store: &Store) -> anyhow::Result<Api> {
        let url = self.postgres.url("smecloud_app", PASSWORD, DATABASE);
        let mut command = Command::new(program);
        command.env_clear().env("DATABASE_URL", url).env("SECRETS_KEY", "5c".repeat(32));
        command.envs([("LISTEN_ADDR", "127.0.0.1:0"), ("PUBLIC_URL", "http://127.0.0.1:8080"), ("LOG", "error")]);
        command.envs([("RATE_LIMITS", "off"), ("PAYMENTS", "simulator"), ("SMTP_URL", "smtp://127.0.0.1:9")]);
        command.env("TRUSTED_PROXIES", "127.0.0.1");
        command.envs(store.settings());
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        Api::wait(spawned.with_context(|| format!("cannot start {}", program.display()))?)
    }
}

/// The API; killed when dropped.
pub(crate) struct Api {
    child: Child,
    address: SocketAddr,
}

impl Api {
    fn wait(mut child: Child) -> anyhow::Result<Self> {
        let mut line = String::new();
        let output = child.stdout.take().context("the API has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().rsplit("http://").next().and_then(|address| address.parse().ok());
        Ok(Self { child, address: address.with_context(|| format!("the API did not start: {line}"))? })
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
