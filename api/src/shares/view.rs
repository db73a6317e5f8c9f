use chrono::{DateTime, Utc};
use kernel::ids::{FileId, ShareAccessId, ShareId};
use serde::Serialize;
use shares::{Access, AccessResult, Share, ShareMode, ShareStatus};
use utoipa::ToSchema;

/// A file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ShareKind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// A share link, without its token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShareView {
    /// Its id.
    id: ShareId,
    /// What it shows.
    kind: ShareKind,
    /// The bucket; null if it is gone.
    #[schema(required)]
    bucket: Option<String>,
    /// The file's path, or the folder up to and with a slash, empty for the whole bucket; null if the file is gone.
    #[schema(required)]
    path: Option<String>,
    /// The file, if it shows one.
    #[schema(required)]
    file_id: Option<FileId>,
    /// What visitors may do.
    mode: ShareMode,
    /// Whether it opens anything.
    status: ShareStatus,
    /// Whether visitors must know a password.
    has_password: bool,
    /// How many downloads it allows.
    #[schema(required)]
    max_downloads: Option<i32>,
    /// How many were taken.
    downloads: i32,
    /// Until when it works.
    #[schema(required)]
    expires_at: Option<DateTime<Utc>>,
    /// The person or key that made it.
    created_by: String,
    /// When.
    created_at: DateTime<Utc>,
    /// When it was taken back.
    #[schema(required)]
    revoked_at: Option<DateTime<Utc>>,
}

impl ShareView {
    /// A link as of `now`.
    pub(super) fn at(share: Share, now: DateTime<Utc>) -> Self {
        let Share { link, bucket, path } = share;
        Self {
            kind: if link.file_id.is_some() { ShareKind::File } else { ShareKind::Folder },
            status: link.status(now),
            has_password: link.has_password(),
            id: link.id,
            bucket,
            path: path.or(link.prefix),
            file_id: link.file_id,
            mode: link.mode,
            max_downloads: link.max_downloads,
            downloads: link.downloads,
            expires_at: link.expires_at,
            created_by: link.created_by,
            created_at: link.created_at,
            revoked_at: link.revoked_at,
        }
    }
}

/// A new share link. Its address is shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct NewShareView {
    #[serde(flatten)]
    pub(super) share: ShareView,
    /// What opens it. Keep it; it cannot be shown again.
    #[schema(pattern = "^[0-9a-z]{26}[A-Za-z0-9_-]{43}$")]
    pub(super) token: String,
    /// Its address, to be passed on.
    pub(super) url: String,
}

/// One access by a link.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShareAccessView {
    /// Its id.
    id: ShareAccessId,
    /// When.
    at: DateTime<Utc>,
    /// What came of it.
    result: AccessResult,
    /// The file, seen from the link; null for the link as a whole.
    #[schema(required)]
    path: Option<String>,
    /// The address it came from.
    #[schema(required)]
    ip: Option<String>,
    /// What the browser or program says it is.
    #[schema(required)]
    user_agent: Option<String>,
}

impl From<Access> for ShareAccessView {
    fn from(access: Access) -> Self {
        let Access { id, at, result, path, ip, user_agent } = access;
        Self { id, at, result, path, ip, user_agent }
    }
}
