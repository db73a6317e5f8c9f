//! The embedded object store, which answers on threads of its own.

use anyhow::Context;
use object_store::{Config, ObjectStore};
use s3::{Bucket, BucketConfiguration, Region, creds::Credentials};
use std::{net::SocketAddr, path::Path};
use tokio::runtime::Runtime;

const BUCKET: &str = "smecloud";
const KEY: &str = "bench";
const SECRET: &str = "onlyforbench";
/// How long a signed address serves.
const SECONDS: u32 = 3600;

/// A running store with the platform's bucket.
pub(crate) struct Store {
    bucket: Box<Bucket>,
    server: ObjectStore,
    threads: Option<Runtime>,
}

impl Store {
    /// Starts it as the platform does, every write forced to the disk.
    pub(crate) async fn open(root: &Path) -> anyhow::Result<Self> {
        let threads = Runtime::new()?;
        let config = Config {
            root: root.to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            access_key: KEY.into(),
            secret_key: SECRET.into(),
            fsync: true,
        };
        let server = threads.spawn(ObjectStore::start(config)).await??;
        let region = Region::Custom { region: ObjectStore::region().into(), endpoint: server.endpoint() };
        let credentials = Credentials::new(Some(KEY), Some(SECRET), None, None, None)?;
        let private = BucketConfiguration::private();
        let made = Bucket::create_with_path_style(BUCKET, region, credentials, private).await?;
        Ok(Self { bucket: made.bucket, server, threads: Some(threads) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.server.endpoint().trim_start_matches("http://").parse()?)
    }

    /// The API's settings for it.
    pub(crate) fn settings(&self) -> [(&'static str, String); 5] {
        [
            ("S3_ENDPOINT", self.server.endpoint()),
            ("S3_REGION", ObjectStore::region().into()),
            ("S3_BUCKET", BUCKET.into()),
            ("S3_ACCESS_KEY", KEY.into()),
            ("S3_SECRET_KEY", SECRET.into()),
        ]
    }

    /// A signed address to write an object.
    pub(crate) async fn put_url(&self, key: &str) -> anyhow::Result<String> {
        self.bucket.presign_put(key, SECONDS, None, None).await.context("an address to write")
    }

    /// A signed address to read an object.
    pub(crate) async fn get_url(&self, key: &str) -> anyhow::Result<String> {
        self.bucket.presign_get(key, SECONDS, None).await.context("an address to read")
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}
