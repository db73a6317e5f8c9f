//! The parts the seeds need, and a look past row-level security.

use auth::{Authority, Keyring};
use db::{Db, DbConfig};
use diesel::prelude::*;
use files::ObjectStoreConfig;
use kernel::{
    Clock, ManualClock,
    secrets::{MasterKey, Secret},
};
use payments::{Gateway, GatewayConfig};
use seeds::SeedDeps;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use stripe_simulator::StripeSimulator;
use tempfile::TempDir;
use test_cluster::TestDatabase;

const KEY: &str = "5f5e5d5c5b5a59585756555453525150505152535455565758595a5b5c5d5e5f";
const STRIPE_KEY: &str = "sk_test_seeds";

/// S3 server and payment simulator.
pub struct World {
    clock: Arc<ManualClock>,
    objects: object_store::ObjectStore,
    stripe: StripeSimulator,
    _dir: TempDir,
}

impl World {
    pub async fn start() -> Self {
        // Fails only if another test of this process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at("2026-11-02T02:00:00Z".parse().unwrap()));
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
        Self { clock, objects: objects.await.unwrap(), stripe: stripe.await.unwrap(), _dir: dir }
    }

    /// What the seeds are sown with, on this database and a bucket of this name.
    pub async fn deps(&self, database: &TestDatabase, bucket: &str) -> SeedDeps {
        let config = DbConfig { wait: Duration::from_mins(1), ..DbConfig::new(database.app_url()) };
        let db = Db::new(&config, Arc::<ManualClock>::clone(&self.clock));
        let master = MasterKey::from_hex(KEY).unwrap();
        let keyring = Keyring::load_or_create(&db, &master, "http://127.0.0.1:8080").await.unwrap();
        SeedDeps {
            authority: Authority::new(keyring, master, "http://127.0.0.1:8080").unwrap(),
            db,
            objects: self.bucket(bucket).await,
            gateway: Some(self.gateway()),
            terms: orders::Terms::default(),
        }
    }

    async fn bucket(&self, name: &str) -> files::ObjectStore {
        let config = ObjectStoreConfig {
            endpoint: self.objects.endpoint(),
            public_endpoint: self.objects.endpoint(),
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
}

/// How many rows each table of a database has.
pub fn census(database: &TestDatabase) -> BTreeMap<String, i64> {
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let sql = "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<Table> = diesel::sql_query(sql).load(&mut database.superuser()).unwrap();
    tables
        .into_iter()
        .map(|table| {
            let rows = database.count(&format!("SELECT count(*) FROM {}", table.name));
            (table.name, rows)
        })
        .collect()
}
