use super::row::{UploadKind, UploadRow, UploadState};
use chrono::{DateTime, Utc};
use kernel::ids::{FileId, UploadId};

/// A presigned upload as its owner sees it.
#[derive(Debug, Clone)]
pub struct DirectUpload {
    /// Its id.
    pub id: UploadId,
    /// How its bytes travel.
    pub kind: UploadKind,
    /// How far it has come.
    pub state: UploadState,
    /// Where the file will be.
    pub path: String,
    /// Bytes that were declared.
    pub size_bytes: i64,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
    /// The file that it became.
    pub file_id: Option<FileId>,
}

impl From<UploadRow> for DirectUpload {
    fn from(row: UploadRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            path: row.path,
            size_bytes: row.declared_bytes.unwrap_or_default(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            file_id: row.file_id,
        }
    }
}
