//! A database, an object store and a clock for one test.

use bytes::Bytes;
use db::{Db, DbConfig, DbError, TenantScope, TenantTx};
use files::{
    ApplyLifecycle, ApplyRetention, ByteRange, CountStorage, CreateBucket, DeleteDoomedObjects, DrawThumbnails,
    EndFileJob, File, FindStorageWork, GiveUpUploads, ObjectStore, ObjectStoreConfig, PurgeStorage, Readable, Received,
    RunFileJob, Upload, UploadError, Uploaded, Visibility,
};
use futures_util::StreamExt;
use jobs::{Drained, Registry, Worker, WorkerConfig};
use kernel::{
    Actor, ManualClock,
    ids::{Id, TenantId},
    secrets::Secret,
};
use metering::{Limit, Meter};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use test_cluster::{Cluster, Line, OutsideStore, TestDatabase};

const PASSWORD: &str = "onlyfortests";
static NEXT: AtomicU32 = AtomicU32::new(0);
/// The bucket that every firm has here.
pub(crate) const BUCKET: &str = "docs";

pub(crate) struct Place {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) db: Db,
    pub(crate) store: ObjectStore,
    /// The line to the S3 server.
    pub(crate) line: Line,
    /// Another way to the S3 server, past the line.
    bucket: Box<s3::Bucket>,
    _server: Option<object_store::ObjectStore>,
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
        let (server, outside) = start_server(&dir).await;
        let line = Line::to(outside.address.clone()).await.unwrap();
        let settings = ObjectStoreConfig {
            endpoint: format!("http://{}", line.address()),
            public_endpoint: format!("http://{}", line.address()),
            region: outside.region.clone(),
            bucket: format!("storage-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)),
            access_key: Secret::new(outside.access_key.clone()),
            secret_key: Secret::new(outside.secret_key.clone()),
        };
        ObjectStore::ensure_bucket(&settings).await.unwrap();
        let store = ObjectStore::new(&settings).unwrap();
        let bucket = open_bucket(&settings.bucket, &outside);
        Self { clock, db, store, line, bucket, database, _server: server, _dir: dir }
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
        self.keys().len()
    }

    /// Their keys, in order.
    pub(crate) fn keys(&self) -> Vec<String> {
        let pages = Self::outside(async { self.bucket.list(String::new(), None).await.unwrap() });
        let mut keys: Vec<_> = pages.into_iter().flat_map(|page| page.contents).map(|object| object.key).collect();
        keys.sort_unstable();
        keys
    }

    /// Stores an object that the platform knows nothing of.
    pub(crate) fn plant(&self, key: &str, body: &[u8]) {
        Self::outside(async { self.bucket.put_object(key, body).await.unwrap() });
    }

    /// Deletes an object behind the platform's back.
    pub(crate) fn lose(&self, key: &str) {
        Self::outside(async { self.bucket.delete_object(key).await.unwrap() });
    }

    /// The key of a file's object.
    pub(crate) fn key(scope: &TenantScope, file: &File) -> String {
        format!("/{}/{}", scope.tenant().uuid().simple(), file.blob_id.uuid().simple())
    }

    fn outside<T>(call: impl Future<Output = T>) -> T {
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(call))
    }

    /// Runs all jobs that are due.
    pub(crate) async fn work(&self) -> Drained {
        let drained = self.work_that_may_fail().await;
        assert_eq!(drained.failed, []);
        drained
    }

    /// The same where the object store may be away.
    pub(crate) async fn work_that_may_fail(&self) -> Drained {
        let registry = Registry::new(self.db.clone())
            .job::<DeleteDoomedObjects>(self.store.clone())
            .job::<DrawThumbnails>(self.store.clone())
            .job::<GiveUpUploads>(())
            .job::<CountStorage>(())
            .job::<PurgeStorage>(())
            .job::<ApplyRetention>(())
            .job::<RunFileJob>(())
            .job::<EndFileJob>(())
            .job::<ApplyLifecycle>(())
            .job::<FindStorageWork>(())
            .schedule(Duration::from_mins(10), || FindStorageWork {});
        Worker::new(registry, WorkerConfig::default()).drain().await.unwrap()
    }

    /// Changes rows past row-level security.
    pub(crate) fn sql(&self, sql: &str) {
        self.database.sql(sql);
    }

    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.database.count(sql)
    }

    /// What a query past row-level security gives in its one column `answer`.
    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        let all = format!("SELECT string_agg(answer, E'\\n') FROM ({sql}) AS asked");
        self.database.ask(&all).lines().map(str::to_owned).collect()
    }
}

/// The S3 server that the environment names, or the embedded one.
async fn start_server(dir: &TempDir) -> (Option<object_store::ObjectStore>, OutsideStore) {
    if let Some(outside) = OutsideStore::named() {
        return (None, outside);
    }
    let (access_key, secret_key) = ("test".to_owned(), PASSWORD.to_owned());
    let config = object_store::Config {
        root: dir.path().join("objects"),
        listen: ([127, 0, 0, 1], 0).into(),
        access_key: access_key.clone(),
        secret_key: secret_key.clone(),
        fsync: false,
    };
    let server = object_store::ObjectStore::start(config).await.unwrap();
    let address = server.endpoint().trim_start_matches("http://").to_owned();
    let region = object_store::ObjectStore::region().to_owned();
    (Some(server), OutsideStore { address, region, access_key, secret_key })
}

fn open_bucket(name: &str, outside: &OutsideStore) -> Box<s3::Bucket> {
    let region = s3::Region::Custom { region: outside.region.clone(), endpoint: outside.endpoint() };
    let (access, secret) = (outside.access_key.as_str(), outside.secret_key.as_str());
    let credentials = s3::creds::Credentials::new(Some(access), Some(secret), None, None, None).unwrap();
    s3::Bucket::new(name, region, credentials).unwrap().with_path_style()
}

/// An upload that tells nothing of itself.
pub(crate) fn upload(path: &str) -> Upload {
    Upload { bucket: BUCKET.to_owned(), path: path.parse().unwrap(), declared_bytes: None, content_type: None }
}
