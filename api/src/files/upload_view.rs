use chrono::{DateTime, Utc};
use files::{Instructions, SignedPart, SignedPut, UploadState};
use kernel::ids::{FileId, UploadId};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A direct upload, and as long as it is open, the requests that bring its bytes to the object store.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DirectUploadView {
    /// Its id.
    upload_id: UploadId,
    /// `open`: bytes may come; `done`: the file is there; `given_up`: aborted or expired.
    state: UploadState,
    /// Where the file will be.
    path: String,
    /// Bytes that were declared.
    size_bytes: i64,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When it is given up.
    expires_at: DateTime<Utc>,
    /// The file that it became.
    #[schema(required)]
    file_id: Option<FileId>,
    /// `PUT`, if the bytes come at once.
    #[schema(required, example = "PUT")]
    method: Option<&'static str>,
    /// Where to send the bytes, if they come at once. Whoever knows it may send them.
    #[schema(required)]
    url: Option<String>,
    /// Headers that the request must have.
    headers: BTreeMap<&'static str, String>,
    /// The requests of the parts, if they come in parts, in any order.
    parts: Vec<UploadPartView>,
    /// When the addresses stop to serve. Reading the upload again gives new ones.
    #[schema(required)]
    urls_expire_at: Option<DateTime<Utc>>,
}

/// One part of a direct upload.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UploadPartView {
    /// Its number, from 1.
    part_number: u32,
    /// Its bytes.
    size_bytes: i64,
    /// `PUT`.
    method: &'static str,
    /// Where to send them.
    url: String,
    /// Headers that the request must have.
    headers: BTreeMap<&'static str, String>,
}

impl From<Instructions> for DirectUploadView {
    fn from(told: Instructions) -> Self {
        let Instructions { upload, put, parts, until } = told;
        let (url, headers) = put.map(|SignedPut { url, headers }| (url, headers)).unzip();
        Self {
            upload_id: upload.id,
            state: upload.state,
            path: upload.path,
            size_bytes: upload.size_bytes,
            created_at: upload.created_at,
            expires_at: upload.expires_at,
            file_id: upload.file_id,
            method: url.as_ref().map(|_| "PUT"),
            url,
            headers: headers.into_iter().flatten().collect(),
            parts: parts.into_iter().map(UploadPartView::from).collect(),
            urls_expire_at: until,
        }
    }
}

impl From<SignedPart> for UploadPartView {
    fn from(part: SignedPart) -> Self {
        let SignedPut { url, headers } = part.put;
        Self {
            part_number: part.number,
            size_bytes: part.size_bytes,
            method: "PUT",
            url,
            headers: headers.into_iter().collect(),
        }
    }
}
