use chrono::{DateTime, Utc};
use db::schema::shares;
use diesel::prelude::*;
use kernel::{
    ids::{BucketId, FileId, ShareId},
    text_enum,
};

text_enum! {
    /// What visitors of a link may do.
    pub enum ShareMode {
        /// See what a browser can show safely.
        View = "view",
        /// See and download.
        Download = "download",
        /// Bring files, and see nothing.
        Upload = "upload",
    }
}

text_enum! {
    /// Whether a link opens anything.
    pub enum ShareStatus {
        /// It does.
        Active = "active",
        /// All its downloads were taken.
        UsedUp = "used_up",
        /// Its time is over.
        Expired = "expired",
        /// It was taken back.
        Revoked = "revoked",
    }
}

/// A share link, without its token.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = shares)]
pub struct Link {
    /// Its id.
    pub id: ShareId,
    /// The bucket it shows something of.
    pub bucket_id: BucketId,
    /// The file it shows.
    pub file_id: Option<FileId>,
    /// Or the folder: nothing for the whole bucket, otherwise up to and with a slash.
    pub prefix: Option<String>,
    /// What visitors may do.
    pub mode: ShareMode,
    /// What a password is compared with, if there is one.
    pub(crate) password_hash: Option<String>,
    /// How many times its files may be downloaded, if limited.
    pub max_downloads: Option<i32>,
    /// How many times they were.
    pub downloads: i32,
    /// Until when it works.
    pub expires_at: Option<DateTime<Utc>>,
    /// Who made it: the id of a person or of a program's key.
    pub created_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// What a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A file.
    File(FileId),
    /// A folder.
    Folder(String),
}

/// A link with the names of what it shows, as they are now.
#[derive(Debug, Clone, Queryable)]
pub struct Share {
    /// The link.
    pub link: Link,
    /// Its bucket's name; nothing if the bucket is gone.
    pub bucket: Option<String>,
    /// Its file's path; nothing if it shows a folder or the file is gone.
    pub path: Option<String>,
}

impl Link {
    /// Whether it opens anything at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> ShareStatus {
        if self.revoked_at.is_some() {
            ShareStatus::Revoked
        } else if self.expires_at.is_some_and(|at| at <= now) {
            ShareStatus::Expired
        } else if self.max_downloads.is_some_and(|maximum| self.downloads >= maximum) {
            ShareStatus::UsedUp
        } else {
            ShareStatus::Active
        }
    }

    /// Whether a password must be shown.
    pub const fn has_password(&self) -> bool {
        self.password_hash.is_some()
    }

    /// What it shows.
    pub fn target(&self) -> Target {
        match self.file_id {
            Some(file) => Target::File(file),
            None => Target::Folder(self.prefix.clone().unwrap_or_default()),
        }
    }

    /// The last name of the folder it shows; the bucket's, if it shows all of it.
    pub fn folder_name<'a>(&'a self, bucket: &'a str) -> &'a str {
        let folder = self.prefix.as_deref().unwrap_or_default().trim_end_matches('/');
        folder.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(bucket)
    }
}

/// The links of the transaction's firm with the names of what they show.
macro_rules! query {
    ($tx:expr) => {
        shares::table
            .left_join(
                buckets::table.on(buckets::tenant_id.eq(shares::tenant_id).and(buckets::id.eq(shares::bucket_id))),
            )
            .left_join(
                files::table.on(files::tenant_id.eq(shares::tenant_id).and(files::id.nullable().eq(shares::file_id))),
            )
            .filter(shares::tenant_id.eq($tx.tenant()))
            .select((Link::as_select(), buckets::name.nullable(), files::path.nullable()))
    };
}
pub(crate) use query;
