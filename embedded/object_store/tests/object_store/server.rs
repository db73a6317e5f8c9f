//! A server on a directory of its own, and clients for it.

use std::fs;
use std::path::{Path, PathBuf};

use object_store::{Config, ObjectStore};
use s3::bucket_ops::BucketConfiguration;
use s3::creds::Credentials;
use s3::error::S3Error;
use s3::{Bucket, Region};
use tempfile::TempDir;

pub(crate) const ACCESS_KEY: &str = "AKIDTEST";
pub(crate) const SECRET_KEY: &str = "a secret of the tests";
pub(crate) const BUCKET: &str = "files";

pub(crate) fn config(root: &Path) -> Config {
    Config {
        root: root.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        fsync: true,
    }
}

/// A client for a bucket at an endpoint.
pub(crate) fn client(endpoint: &str, bucket: &str) -> Box<Bucket> {
    rustls::crypto::ring::default_provider().install_default().ok();
    s3::set_retries(0);
    let (region, credentials) = target(endpoint);
    Bucket::new(bucket, region, credentials).unwrap().with_path_style()
}

fn target(endpoint: &str) -> (Region, Credentials) {
    let region = Region::Custom { region: ObjectStore::region().to_owned(), endpoint: endpoint.to_owned() };
    (region, Credentials::new(Some(ACCESS_KEY), Some(SECRET_KEY), None, None, None).unwrap())
}

pub(crate) async fn create_bucket(endpoint: &str, bucket: &str) -> Box<Bucket> {
    let client = client(endpoint, bucket);
    let (region, credentials) = target(endpoint);
    let made = Bucket::create_with_path_style(bucket, region, credentials, BucketConfiguration::default()).await;
    assert_eq!(made.unwrap().response_code, 200);
    client
}

/// A server with one bucket.
pub(crate) struct Server {
    pub(crate) store: ObjectStore,
    pub(crate) bucket: Box<Bucket>,
    pub(crate) root: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        let store = ObjectStore::start(config(root.path())).await.unwrap();
        let bucket = create_bucket(&store.endpoint(), BUCKET).await;
        Self { store, bucket, root }
    }

    /// Stops it, lets `change` meddle with the bucket's directory, and starts it again.
    pub(crate) async fn restart(self, change: impl FnOnce(&Path)) -> Self {
        self.store.stop().await;
        change(&self.root.path().join("buckets").join(BUCKET));
        let store = ObjectStore::start(config(self.root.path())).await.unwrap();
        let bucket = client(&store.endpoint(), BUCKET);
        Self { store, bucket, root: self.root }
    }

    /// The bucket's directory.
    pub(crate) fn dir(&self) -> PathBuf {
        self.root.path().join("buckets").join(BUCKET)
    }

    pub(crate) async fn get(&self, key: &str) -> Vec<u8> {
        self.bucket.get_object(key).await.unwrap().to_vec()
    }

    /// The keys of the whole bucket, in the order listed.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let pages = self.bucket.list(String::new(), None).await.unwrap();
        pages.into_iter().flat_map(|page| page.contents).map(|object| object.key).collect()
    }
}

/// The HTTP status of a failed call, and the S3 error code in its body.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, S3Error>) -> (u16, String) {
    match result.unwrap_err() {
        S3Error::HttpFailWithBody(status, body) => (status, code(&body)),
        other => panic!("{other:?}"),
    }
}

/// The code of an S3 error document.
pub(crate) fn code(body: &str) -> String {
    let code = body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    code.map(|(code, _)| code.to_owned()).unwrap_or_default()
}

/// Files below a directory, directories not counted.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// Bytes that differ everywhere.
pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| u8::try_from((i.wrapping_mul(2_654_435_761) >> 13) & 0xff).unwrap()).collect()
}
