//! What programs are told of a link by which they come.

use super::view::ShareKind;
use chrono::{DateTime, Utc};
use files::{Entry, File};
use serde::Serialize;
use shares::{Entered, ShareMode};
use utoipa::ToSchema;

/// A link as its visitors see it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SeenView {
    /// What it shows.
    pub(super) kind: ShareKind,
    /// The file's or folder's name.
    pub(super) name: String,
    /// The firm that shares it.
    pub(super) firm: String,
    /// What visitors may do.
    pub(super) mode: ShareMode,
    /// Until when it works.
    #[schema(required)]
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// How many downloads are left.
    #[schema(required)]
    pub(super) downloads_left: Option<i32>,
    /// The file, if it shows one.
    #[schema(required)]
    pub(super) file: Option<SharedFileView>,
    /// What is in the folder, if it shows one and visitors may see it.
    pub(super) entries: Vec<SharedEntryView>,
    /// Whether more entries follow.
    pub(super) has_more: bool,
    /// The `cursor` for the next page, if more entries follow.
    #[schema(required)]
    pub(super) next_cursor: Option<String>,
    /// Bytes of the largest file that it takes, if it takes files and sets a limit.
    #[schema(required)]
    pub(super) max_object_bytes: Option<i64>,
    /// Media types that it takes, if it takes files; empty for all.
    pub(super) allowed_types: Vec<String>,
}

/// A file that visitors see.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SharedFileView {
    /// Size in bytes.
    pub(super) size_bytes: i64,
    /// Media type.
    pub(super) content_type: String,
    /// SHA-256 of the content, in hexadecimal.
    sha256: String,
    /// Whether a browser can show it safely.
    pub(super) previewable: bool,
}

impl SharedFileView {
    fn of(file: &File) -> Self {
        Self {
            size_bytes: file.size_bytes,
            sha256: file.sha256_hex(),
            previewable: shares::is_previewable(&file.content_type),
            content_type: file.content_type.clone(),
        }
    }
}

/// A line of a shared folder.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SharedEntryView {
    /// What it is.
    pub(super) kind: ShareKind,
    /// Its path as seen from the link; a folder's ends with a slash.
    pub(super) path: String,
    /// The file, if it is one.
    #[schema(required)]
    pub(super) file: Option<SharedFileView>,
}

impl From<Entry> for SharedEntryView {
    fn from(entry: Entry) -> Self {
        match entry {
            Entry::File(file) => Self { kind: ShareKind::File, file: Some(SharedFileView::of(&file)), path: file.path },
            Entry::Folder(path) => Self { kind: ShareKind::Folder, path, file: None },
        }
    }
}

impl SeenView {
    /// What a visitor sees; `cursor` leads to the next page of a folder.
    pub(super) fn new(entered: Entered, next_cursor: Option<String>) -> Self {
        let Entered { link, bucket, firm, file, entries } = entered;
        let takes = link.mode == ShareMode::Upload;
        Self {
            kind: if link.file_id.is_some() { ShareKind::File } else { ShareKind::Folder },
            name: file.as_ref().map_or_else(|| link.folder_name(&bucket.name).to_owned(), |file| name_of(&file.path)),
            firm: firm.name,
            mode: link.mode,
            expires_at: link.expires_at,
            downloads_left: link.max_downloads.map(|maximum| (maximum - link.downloads).max(0)),
            file: file.as_ref().map(SharedFileView::of),
            entries: entries.into_iter().flat_map(|page| page.data).map(SharedEntryView::from).collect(),
            has_more: next_cursor.is_some(),
            next_cursor,
            max_object_bytes: bucket.max_object_bytes.filter(|_| takes),
            allowed_types: if takes { bucket.allowed_types } else { Vec::new() },
        }
    }
}

/// The last name of a path.
pub(super) fn name_of(path: &str) -> String {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned()
}
