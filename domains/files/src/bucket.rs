use crate::{LifecycleRule, upload::UPLOAD_EXPIRY};
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantTx, schema::buckets};
use diesel::prelude::*;
use kernel::{ids::BucketId, text_enum};
use serde::{Deserialize, Serialize};
use serde_json::Value;

text_enum! {
    /// Who may read a bucket's files.
    pub enum Visibility {
        /// Members and programs of the firm.
        Private = "private",
        /// Everybody who knows a file's address.
        Public = "public",
    }
}

/// A bucket's name: 3 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BucketName(String);

impl BucketName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for BucketName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let fits = (3..=63).contains(&bytes.len())
            && bytes.iter().all(|b| plain(*b) || *b == b'-')
            && bytes.first().copied().is_some_and(plain)
            && bytes.last().copied().is_some_and(plain);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err("a bucket's name has 3 to 63 lower-case letters, digits and inner hyphens")
        }
    }
}

impl TryFrom<String> for BucketName {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BucketName> for String {
    fn from(name: BucketName) -> Self {
        name.0
    }
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = buckets)]
pub struct Bucket {
    /// Its id.
    pub id: BucketId,
    /// Its name.
    pub name: String,
    /// Who may read its files.
    pub visibility: Visibility,
    /// Bytes of the largest file it takes, if limited.
    pub max_object_bytes: Option<i64>,
    /// Media types it takes, such as `image/png` or `image/*`; empty for all.
    pub allowed_types: Vec<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// How long a deleted file waits in the trash, in days.
    pub trash_days: i32,
    /// How long an overwritten version is kept, in days.
    pub version_days: i32,
    /// How many overwritten versions of a file are kept at most, if limited.
    pub keep_versions: Option<i32>,
    /// Counts changes, from 1.
    pub revision: i64,
    pub(crate) lifecycle: Value,
}

impl Bucket {
    /// Its rules that run every day.
    pub fn lifecycle(&self) -> Vec<LifecycleRule> {
        serde_json::from_value(self.lifecycle.clone()).unwrap_or_default()
    }

    /// How long an upload to a path may wait for its bytes.
    pub(crate) fn upload_expiry(&self, path: &str) -> Duration {
        let rules = self.lifecycle();
        let days = rules.iter().find_map(|rule| rule.upload_days(path));
        days.map_or(UPLOAD_EXPIRY, |days| Duration::days(days.into()))
    }

    /// Whether files of a media type may enter.
    pub fn takes(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        self.allowed_types.is_empty()
            || self.allowed_types.iter().any(|allowed| match allowed.strip_suffix("/*") {
                Some(kind) => essence.split('/').next() == Some(kind),
                None => allowed == essence,
            })
    }
}

/// A bucket by its name, locked: nobody else changes it until the transaction ends.
pub(crate) fn lock_bucket(tx: &mut TenantTx<'_>, name: &str) -> Result<Option<Bucket>, DbError> {
    let row = buckets::table.filter(buckets::tenant_id.eq(tx.tenant())).filter(buckets::name.eq(name));
    Ok(row.select(Bucket::as_select()).for_update().first(tx.conn()).optional()?)
}

/// A bucket by its id, which a row names.
pub(crate) fn bucket_of(tx: &mut TenantTx<'_>, id: BucketId) -> Result<Bucket, DbError> {
    bucket_named(tx, id)?.ok_or_else(|| DbError::Corrupt("a bucket that a row names is not there".into()))
}

/// A bucket by its id, if it is still there, and stays as it is until the transaction ends.
pub(crate) fn bucket_named(tx: &mut TenantTx<'_>, id: BucketId) -> Result<Option<Bucket>, DbError> {
    Ok(buckets::table
        .filter(buckets::tenant_id.eq(tx.tenant()))
        .filter(buckets::id.eq(id))
        .select(Bucket::as_select())
        .for_share()
        .first(tx.conn())
        .optional()?)
}

/// A bucket by its name.
pub fn find_bucket(tx: &mut TenantTx<'_>, name: &str) -> Result<Option<Bucket>, DbError> {
    Ok(buckets::table
        .filter(buckets::tenant_id.eq(tx.tenant()))
        .filter(buckets::name.eq(name))
        .select(Bucket::as_select())
        .first(tx.conn())
        .optional()?)
}

/// A bucket by its id.
pub(crate) fn find_bucket_by_id(tx: &mut TenantTx<'_>, id: BucketId) -> Result<Option<Bucket>, DbError> {
    Ok(buckets::table
        .filter(buckets::tenant_id.eq(tx.tenant()))
        .filter(buckets::id.eq(id))
        .select(Bucket::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The name of a bucket that a row names.
pub(crate) fn name_of(tx: &mut TenantTx<'_>, id: BucketId) -> Result<String, DbError> {
    let row = buckets::table.filter(buckets::tenant_id.eq(tx.tenant())).filter(buckets::id.eq(id));
    Ok(row.select(buckets::name).first(tx.conn())?)
}

/// All buckets of the firm by name. There are few: at most [`crate::create_bucket::MAX_BUCKETS`].
pub fn list_buckets(tx: &mut TenantTx<'_>) -> Result<Vec<Bucket>, DbError> {
    Ok(buckets::table
        .filter(buckets::tenant_id.eq(tx.tenant()))
        .order(buckets::name)
        .select(Bucket::as_select())
        .load(tx.conn())?)
}
