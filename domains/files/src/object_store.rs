//! The only place that speaks S3.

use crate::{ByteRange, Scanner, reconcile::Stored, spool::Room};
use chrono::DateTime;
use kernel::secrets::Secret;
use s3::{Bucket, BucketConfiguration, Region, creds::Credentials, error::S3Error};
use std::{io, time::Duration};
use tokio::io::AsyncWrite;

/// Objects listed at a time.
const OBJECTS_LISTED: usize = 1_000;
/// The longest a single call may take, but for reading an object; a part of 5 MiB on a slow line fits.
const CALL_TIMEOUT: Duration = Duration::from_mins(2);

/// Where the object store is.
#[derive(Debug, Clone)]
pub struct ObjectStoreConfig {
    /// `http(s)://host:port`.
    pub endpoint: String,
    /// The same as callers reach it; signed addresses begin with it.
    pub public_endpoint: String,
    /// Region of the signature.
    pub region: String,
    /// The one bucket that holds all tenants' objects.
    pub bucket: String,
    /// Access key.
    pub access_key: Secret,
    /// Secret key.
    pub secret_key: Secret,
}

/// Some of the objects, in the order of their keys.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Stored>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<String>,
}

/// Why the object store did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ObjectStoreError {
    /// The settings cannot be used.
    #[error("the object store's settings cannot be used: {0}")]
    Configuration(String),
    /// No object with this key.
    #[error("no such object")]
    Missing,
    /// It refuses what it was asked for.
    #[error("the object store refused the request")]
    Refused,
    /// Its answer is not what it should be.
    #[error("the object store's answer cannot be read: {0}")]
    Unreadable(String),
    /// What was to be stored did not come whole, or there was no room for it on its way.
    #[error("the bytes did not come whole")]
    Interrupted(#[source] io::Error),
    /// It does not answer, or answers with an error.
    #[error("the object store failed")]
    Failed(#[source] S3Error),
}

impl From<S3Error> for ObjectStoreError {
    fn from(error: S3Error) -> Self {
        match error {
            S3Error::HttpFailWithBody(404, _) => Self::Missing,
            error => Self::Failed(error),
        }
    }
}

/// A client of the object store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    pub(crate) bucket: Box<Bucket>,
    /// The same without a time limit: how long a read takes is up to the reader's line.
    pub(crate) patient: Box<Bucket>,
    /// The same at its public address, for signing.
    pub(crate) public: Box<Bucket>,
    /// Looks at what is stored before anybody reads it.
    scanner: Option<Scanner>,
    /// What uploads wait in.
    pub(crate) room: Room,
}

impl ObjectStore {
    /// A client of one bucket.
    pub fn new(config: &ObjectStoreConfig) -> Result<Self, ObjectStoreError> {
        let (region, credentials) = access(config)?;
        let outside = Region::Custom { region: config.region.clone(), endpoint: config.public_endpoint.clone() };
        let public = Bucket::new(&config.bucket, outside, credentials.clone())?.with_path_style();
        let bucket =
            Bucket::new(&config.bucket, region, credentials)?.with_path_style().with_request_timeout(CALL_TIMEOUT)?;
        let mut patient = bucket.clone();
        patient.set_request_timeout(None);
        Ok(Self { bucket, patient, public, scanner: None, room: Room::default() })
    }

    /// The same store, with a virus scanner that looks at everything that is stored from now on.
    #[must_use]
    pub fn with_scanner(self, scanner: Option<Scanner>) -> Self {
        Self { scanner, ..self }
    }

    /// The virus scanner, if there is one.
    pub(crate) const fn scanner(&self) -> Option<&Scanner> {
        self.scanner.as_ref()
    }

    /// Makes the bucket if it is not there.
    pub async fn ensure_bucket(config: &ObjectStoreConfig) -> Result<(), ObjectStoreError> {
        let (region, credentials) = access(config)?;
        if Self::new(config)?.is_reachable().await {
            return Ok(());
        }
        match Bucket::create_with_path_style(&config.bucket, region, credentials, BucketConfiguration::default()).await
        {
            Ok(_) | Err(S3Error::HttpFailWithBody(409, _)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the bucket answers.
    pub async fn is_reachable(&self) -> bool {
        let page = self.bucket.list_page("readiness/".into(), Some("/".into()), None, None, Some(1));
        matches!(tokio::time::timeout(Duration::from_secs(2), page).await, Ok(Ok(_)))
    }

    /// Writes an object's bytes, all or a range of them, to `writer`.
    pub(crate) async fn get<W>(
        &self,
        key: &str,
        range: Option<ByteRange>,
        writer: &mut W,
    ) -> Result<(), ObjectStoreError>
    where
        W: AsyncWrite + Send + Unpin,
    {
        match range {
            Some(range) => self.patient.get_object_range_to_writer(key, range.first, Some(range.last), writer).await?,
            None => self.patient.get_object_to_writer(key, writer).await?,
        };
        Ok(())
    }

    /// The same for an object that is read at once, in the time of any call.
    pub(crate) async fn get_small(&self, key: &str, bytes: &mut Vec<u8>) -> Result<(), ObjectStoreError> {
        let late = |_| ObjectStoreError::Interrupted(io::ErrorKind::TimedOut.into());
        tokio::time::timeout(CALL_TIMEOUT, self.get(key, None, bytes)).await.map_err(late)?
    }

    /// Deletes an object; one that is not there is a success.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), ObjectStoreError> {
        match self.bucket.delete_object(key).await.map_err(ObjectStoreError::from) {
            Ok(_) | Err(ObjectStoreError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A page of all objects; the first without a token.
    pub(crate) async fn page(&self, token: Option<String>) -> Result<Page, ObjectStoreError> {
        let (page, _) = self.bucket.list_page(String::new(), None, token, None, Some(OBJECTS_LISTED)).await?;
        let objects = page.contents.iter().map(stored).collect();
        Ok(Page { objects, next: page.next_continuation_token.filter(|_| page.is_truncated) })
    }
}

fn stored(object: &s3::serde_types::Object) -> Stored {
    let written = DateTime::parse_from_rfc3339(&object.last_modified).ok().map(|at| at.to_utc());
    Stored { key: format!("/{}", object.key), size: i64::try_from(object.size).unwrap_or(i64::MAX), written }
}

fn access(config: &ObjectStoreConfig) -> Result<(Region, Credentials), ObjectStoreError> {
    let region = Region::Custom { region: config.region.clone(), endpoint: config.endpoint.clone() };
    let (access, secret) = (config.access_key.expose(), config.secret_key.expose());
    let credentials = Credentials::new(Some(access), Some(secret), None, None, None)
        .map_err(|e| ObjectStoreError::Configuration(e.to_string()))?;
    Ok((region, credentials))
}
