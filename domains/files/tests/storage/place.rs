//! A database, an object store and a clock for one test.

use bytes::Bytes;
use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use files::{
    ByteRange, CountStorage, CreateBucket, DeleteDoomedObjects, DrawThumbnails, File, FindStorageWork, GiveUpUploads,
    ObjectStore, ObjectStoreConfig, Readable, Received, Upload, UploadError, Uploaded, Visibility,
};
use futures_util::StreamExt;
use jobs::{Drained, Registry, Worker, WorkerConfig};
use kernel::{
    Actor, ManualClock,
    ids::{Id, TenantId},
    secrets::Secret,
};
use metering::{Limit, Meter};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use test_cluster::{Cluster, TestDatabase};

const PASSWORD: &str = "onlyfortests";
const S3_BUCKET: &str = "platform";
/// The bucket that every firm has here.
pub(crate) const BUCKET: &str = "docs";

pub(crate) struct Place {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) db: Db,
    pub(crate) store: ObjectStore,
    /// The S3 server; `None` once it is stopped.
    pub(crate) server: Option<object_store::ObjectStore>,
    database: TestDatabase,
    _dir: TempDir,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at("2030-01-01T00:00:00Z".parse().unwrap()));
        let mut config = DbConfig::new(database.app_url());
        (config.pool_size, config.wait) = (16, Duration::from_mins(1));
        let db = Db::new(&config, clock.clone());
        let server = start_server(&dir).await;
        let settings = ObjectStoreConfig {
            endpoint: server.endpoint(),
            public_endpoint: server.endpoint(),
            region: object_store::ObjectStore::region().to_owned(),
            bucket: S3_BUCKET.to_owned(),
            access_key: Secret::new("test".to_owned()),
            secret_key: Secret::new(PASSWORD.to_owned()),
        };
        ObjectStore::ensure_bucket(&settings).await.unwrap();
        let store = ObjectStore::new(&settings).unwrap();
        Self { clock, db, store, server: Some(server), database, _dir: dir }
    }

    /// A firm with one bucket that may store so many bytes.
    pub(crate) async fn firm(&self, limit: i64) -> TenantScope {
        let tenant = TenantId::new(chrono::Utc::now());
        self.database.sql(&format!("INSERT INTO heads (tenant_id) VALUES ('{}')", tenant.uuid()));
        let scope = TenantScope::grant(tenant, Actor::system("test"));
        self.run::<_, DbError, _>(&scope, move |tx| metering::set_limit(tx, Meter::StorageBytes, limit)).await.unwrap();
        self.bucket(&scope, BUCKET, None, &[]).await;
        scope
    }

    pub(crate) async fn bucket(&self, scope: &TenantScope, name: &str, max: Option<i64>, types: &[&str]) {
        let command = CreateBucket {
            name: name.parse().unwrap(),
            visibility: Visibility::Private,
            max_object_bytes: max,
            allowed_types: types.iter().map(|kind| (*kind).to_owned()).collect(),
        };
        self.run(scope, move |tx| files::create_bucket(tx, &command)).await.unwrap();
    }

    pub(crate) async fn run<T, E, F>(&self, scope: &TenantScope, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: db::TxError,
        F: Fn(&mut TenantTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.db.tenant("test", scope.clone(), work).await
    }

    pub(crate) async fn begin(&self, scope: &TenantScope, upload: Upload) -> Result<Received, UploadError> {
        files::receive(&self.db, &self.store, scope, upload).await
    }

    /// Stores a body of undeclared length in pieces of 64 KiB.
    pub(crate) async fn put(&self, scope: &TenantScope, path: &str, body: &[u8]) -> Result<Uploaded, UploadError> {
        self.send(scope, upload(path), body).await
    }

    pub(crate) async fn send(&self, scope: &TenantScope, upload: Upload, body: &[u8]) -> Result<Uploaded, UploadError> {
        let received = self.begin(scope, upload).await?;
        for piece in body.chunks(64 << 10) {
            if !received.push(Bytes::copy_from_slice(piece)).await {
                break;
            }
        }
        received.end().await
    }

    /// All bytes that a reader gets.
    pub(crate) async fn get(&self, scope: &TenantScope, file: &File, range: Option<ByteRange>) -> Vec<u8> {
        let pieces: Vec<_> = self.store.stream(&self.readable(scope, file).await, range).collect().await;
        pieces.into_iter().map(Result::unwrap).collect::<Vec<_>>().concat()
    }

    pub(crate) async fn readable(&self, scope: &TenantScope, file: &File) -> Readable {
        let file = file.clone();
        self.run::<_, DbError, _>(scope, move |tx| files::readable(tx, &file)).await.unwrap().unwrap()
    }

    pub(crate) async fn find(&self, scope: &TenantScope, path: &'static str) -> Option<File> {
        self.run::<_, DbError, _>(scope, move |tx| files::find_at(tx, BUCKET, path)).await.unwrap()
    }

    pub(crate) async fn delete(&self, scope: &TenantScope, path: &'static str) {
        self.run(scope, move |tx| files::delete_file(tx, BUCKET, path)).await.unwrap();
    }

    /// Used and reserved bytes.
    pub(crate) async fn stored(&self, scope: &TenantScope) -> (i64, i64) {
        let limits: Vec<Limit> = self.run::<_, DbError, _>(scope, metering::limits).await.unwrap();
        (limits[0].used, limits[0].reserved)
    }

    /// Objects that the S3 server holds.
    pub(crate) fn objects(&self) -> usize {
        self.server.as_ref().unwrap().object_count(S3_BUCKET)
    }

    /// Runs all jobs that are due.
    pub(crate) async fn work(&self) -> Drained {
        let registry = Registry::new(self.db.clone())
            .job::<DeleteDoomedObjects>(self.store.clone())
            .job::<DrawThumbnails>(self.store.clone())
            .job::<GiveUpUploads>(())
            .job::<CountStorage>(())
            .job::<FindStorageWork>(())
            .schedule(Duration::from_mins(10), || FindStorageWork {});
        let drained = Worker::new(registry, WorkerConfig::default()).drain().await.unwrap();
        assert_eq!(drained.failed, []);
        drained
    }

    /// Changes rows past row-level security.
    pub(crate) fn sql(&self, sql: &str) {
        self.database.sql(sql);
    }

    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.database.count(sql)
    }
}

async fn start_server(dir: &TempDir) -> object_store::ObjectStore {
    let config = object_store::Config {
        root: dir.path().join("objects"),
        listen: ([127, 0, 0, 1], 0).into(),
        access_key: "test".to_owned(),
        secret_key: PASSWORD.to_owned(),
        fsync: false,
    };
    object_store::ObjectStore::start(config).await.unwrap()
}

/// An upload that tells nothing of itself.
pub(crate) fn upload(path: &str) -> Upload {
    Upload { bucket: BUCKET.to_owned(), path: path.parse().unwrap(), declared_bytes: None, content_type: None }
}

/// Bytes that repeat late and compress badly.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    })
    .take(length)
    .collect()
}
