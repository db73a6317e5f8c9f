//! The parts the seeds need, and a look past row-level security.

use auth::{Authority, Keyring};
use db::{Db, DbConfig, migrate};
use diesel::{prelude::*, sql_types::BigInt};
use embedded_postgres::EmbeddedPostgres;
use files::ObjectStoreConfig;
use kernel::{
    Clock, ManualClock,
    secrets::{MasterKey, Secret},
};
use payments::{Gateway, GatewayConfig};
use seeds::SeedDeps;
use std::{
    collections::BTreeMap, fs::Permissions, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration,
};
use stripe_simulator::StripeSimulator;
use tempfile::TempDir;

const KEY: &str = "5f5e5d5c5b5a59585756555453525150505152535455565758595a5b5c5d5e5f";
const STRIPE_KEY: &str = "sk_test_seeds";

/// PostgreSQL, S3 server and payment simulator.
pub struct World {
    clock: Arc<ManualClock>,
    postgres: EmbeddedPostgres,
    objects: object_store::ObjectStore,
    stripe: StripeSimulator,
    _dir: TempDir,
}

impl World {
    pub async fn start() -> Self {
        // Fails only if another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        let clock = Arc::new(ManualClock::at("2026-11-02T02:00:00Z".parse().unwrap()));
        let postgres = start_postgres(&dir.path().join("data"));
        let objects = object_store::ObjectStore::start(object_store::Config {
            root: dir.path().join("objects"),
            listen: ([127, 0, 0, 1], 0).into(),
            access_key: "seeds".into(),
            secret_key: "secretsecretsecret".into(),
            fsync: false,
        });
        let now = Arc::clone(&clock);
        let stripe = StripeSimulator::start(stripe_simulator::Config {
            root: dir.path().join("stripe"),
            listen: ([127, 0, 0, 1], 0).into(),
            secret_key: STRIPE_KEY.into(),
            webhook: None,
            clock: Arc::new(move || now.now()),
            seed: None,
            fsync: false,
        });
        Self { clock, postgres, objects: objects.await.unwrap(), stripe: stripe.await.unwrap(), _dir: dir }
    }

    /// What the seeds are sown with, on a database and bucket of this name.
    pub async fn deps(&self, name: &str) -> SeedDeps {
        migrate::create_database(&self.postgres.superuser_url("postgres"), name).unwrap();
        migrate::migrate(&self.postgres.url("smecloud_owner", "owner", name)).unwrap();
        let url = self.postgres.url("smecloud_app", "app", name);
        let config = DbConfig { wait: Duration::from_mins(1), ..DbConfig::new(url) };
        let db = Db::new(&config, Arc::<ManualClock>::clone(&self.clock));
        let master = MasterKey::from_hex(KEY).unwrap();
        let keyring = Keyring::load_or_create(&db, &master, "http://127.0.0.1:8080").await.unwrap();
        SeedDeps {
            authority: Authority::new(keyring, master, "http://127.0.0.1:8080").unwrap(),
            db,
            objects: self.bucket(name).await,
            gateway: Some(self.gateway()),
            terms: orders::Terms::default(),
        }
    }

    async fn bucket(&self, name: &str) -> files::ObjectStore {
        let config = ObjectStoreConfig {
            endpoint: self.objects.endpoint(),
            region: object_store::ObjectStore::region().to_owned(),
            bucket: name.to_owned(),
            access_key: Secret::new("seeds".to_owned()),
            secret_key: Secret::new("secretsecretsecret".to_owned()),
        };
        files::ObjectStore::ensure_bucket(&config).await.unwrap();
        files::ObjectStore::new(&config).unwrap()
    }

    fn gateway(&self) -> Gateway {
        let config = GatewayConfig {
            api_base: Some(self.stripe.base_url()),
            secret_key: Secret::new(STRIPE_KEY.to_owned()),
            timeout: Duration::from_secs(20),
        };
        Gateway::new(&config).unwrap()
    }

    /// How many rows each table of a database has.
    pub fn census(&self, name: &str) -> BTreeMap<String, i64> {
        #[derive(QueryableByName)]
        struct Table {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
        }
        let sql = "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'";
        let tables: Vec<Table> = diesel::sql_query(sql).load(&mut self.superuser(name)).unwrap();
        tables
            .into_iter()
            .map(|table| {
                let rows = self.number(name, &format!("SELECT count(*) AS number FROM {}", table.name));
                (table.name, rows)
            })
            .collect()
    }

    /// The `number` that a query past row-level security gives.
    pub fn number(&self, name: &str, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = BigInt)]
            number: i64,
        }
        diesel::sql_query(sql).get_result::<Row>(&mut self.superuser(name)).unwrap().number
    }

    fn superuser(&self, name: &str) -> PgConnection {
        PgConnection::establish(&self.postgres.superuser_url(name)).unwrap()
    }
}

fn start_postgres(root: &Path) -> EmbeddedPostgres {
    let settings = [("fsync", "off"), ("max_connections", "60"), ("shared_buffers", "16MB")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let server = EmbeddedPostgres::start(&embedded_postgres::Config { root: root.to_owned(), settings }).unwrap();
    let passwords =
        migrate::RolePasswords { owner: Secret::new("owner".to_owned()), app: Secret::new("app".to_owned()) };
    migrate::bootstrap(&server.superuser_url("postgres"), &passwords).unwrap();
    server
}
