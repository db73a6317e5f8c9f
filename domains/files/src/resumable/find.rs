use super::{
    finish::settle,
    row::{Row, find},
};
use crate::{ObjectStore, UploadError, uploads::UploadState};
use chrono::{DateTime, Utc};
use db::{Db, TenantScope};
use kernel::ids::{FileId, UploadId};

/// A resumable upload as its sender sees it.
#[derive(Debug, Clone)]
pub struct Resumable {
    /// Bytes that are safe.
    pub offset: i64,
    /// Bytes that the file will have, if that was said.
    pub length: Option<i64>,
    /// What the sender said of it, word for word.
    pub metadata: Option<String>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
    /// The file that it became.
    pub file_id: Option<FileId>,
}

impl From<Row> for Resumable {
    fn from(row: Row) -> Self {
        Self {
            offset: row.offset_bytes,
            length: row.declared_bytes,
            metadata: row.metadata,
            expires_at: row.expires_at,
            file_id: row.file_id,
        }
    }
}

/// How far a resumable upload has come. One whose bytes have all come is finished first: that all are safe is told only of what
/// is shown.
pub async fn find_resumable(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    id: UploadId,
) -> Result<Resumable, UploadError> {
    let row = db.tenant("files.find_resumable", scope.clone(), move |tx| find(tx, id)).await?;
    let now = db.clock().now();
    match row.state {
        UploadState::GivenUp => Err(UploadError::Ended),
        UploadState::Open if row.expires_at <= now => Err(UploadError::Ended),
        UploadState::Sealed => {
            settle(db, store, scope, id).await?;
            Ok(db.tenant("files.find_resumable", scope.clone(), move |tx| find(tx, id)).await?.into())
        }
        UploadState::Open | UploadState::Done => Ok(row.into()),
    }
}
