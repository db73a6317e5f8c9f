//! Multipart uploads: a directory with `upload.json` and one object file a part, named by its number.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use md5::{Digest as _, Md5};
use s3s::dto::Checksum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::bucket::{Bucket, NewObject};
use super::condition::Conditions;
use super::draft::{Digests, Draft};
use super::error::StorageError;
use super::object_file::{self, Attributes, Head};
use super::{disk, lock, now_ms};

/// Every part but the last has at least this many bytes.
const MIN_PART: u64 = 5 * 1024 * 1024;
/// Uploads that nobody finished or aborted are given up at the first start after seven days, in milliseconds.
const LIFETIME_MS: u64 = 7 * 24 * 3_600_000;
const MANIFEST: &str = "upload.json";

/// An unfinished upload.
pub(crate) struct Upload {
    pub(crate) id: String,
    pub(crate) manifest: Manifest,
    /// Taken before any lock of the bucket.
    state: Mutex<State>,
}

/// What was said when the upload began.
#[derive(Clone, Deserialize, Serialize)]
pub(crate) struct Manifest {
    pub(crate) key: String,
    pub(crate) attributes: Attributes,
    /// Milliseconds since 1970.
    pub(crate) initiated: u64,
}

#[derive(Default)]
struct State {
    parts: BTreeMap<u16, Part>,
    /// Completed or aborted: nothing may follow.
    closed: bool,
}

/// A part in place.
#[derive(Clone)]
pub(crate) struct Part {
    /// The MD5 of its data in hex.
    pub(crate) etag: String,
    pub(crate) size: u64,
    /// Milliseconds since 1970.
    pub(crate) modified: u64,
}

impl From<Head> for Part {
    fn from(head: Head) -> Self {
        Self { etag: head.etag, size: head.size, modified: head.modified }
    }
}

impl Upload {
    /// Whether it has been left alone too long.
    pub(super) fn expired(&self) -> bool {
        self.manifest.initiated.saturating_add(LIFETIME_MS) < now_ms()
    }

    /// The parts in place, by number.
    pub(crate) fn parts(&self) -> BTreeMap<u16, Part> {
        lock(&self.state).parts.clone()
    }
}

/// Reads an upload's directory.
pub(super) fn load(dir: &Path) -> io::Result<Upload> {
    let id = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let manifest = serde_json::from_slice(&fs::read(dir.join(MANIFEST))?)?;
    let mut state = State::default();
    for item in fs::read_dir(dir)? {
        let path = item?.path();
        let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
        let Some(number) = number else { continue };
        match object_file::open(&path) {
            Ok((_, head)) => drop(state.parts.insert(number, head.into())),
            // The client is told "invalid part" and can send it again.
            Err(error) => tracing::error!(path = %path.display(), %error, "part not readable"),
        }
    }
    Ok(Upload { id, manifest, state: Mutex::new(state) })
}

/// Part numbers go from 1 to 10000.
pub(crate) fn part_number(number: i32) -> Result<u16, StorageError> {
    u16::try_from(number).ok().filter(|n| (1..=10_000).contains(n)).ok_or(StorageError::InvalidPartNumber)
}

impl Bucket {
    /// Begins an upload and returns its id.
    pub(crate) fn create_upload(&self, key: String, attributes: Attributes) -> Result<String, StorageError> {
        let _open = self.ensure_open()?;
        let id = Uuid::new_v4().simple().to_string();
        let manifest = Manifest { key, attributes, initiated: now_ms() };
        let draft = self.tmp().join(&id);
        fs::create_dir(&draft)?;
        self.disk.write_whole(&draft.join(MANIFEST), &serde_json::to_vec(&manifest)?)?;
        self.disk.place(&draft, &self.uploads_dir().join(&id))?;
        let upload = Arc::new(Upload { id: id.clone(), manifest, state: Mutex::default() });
        lock(&self.uploads).insert(id.clone(), upload);
        Ok(id)
    }

    /// The upload of this id, which must be of this key.
    pub(crate) fn upload(&self, id: &str, key: &str) -> Result<Arc<Upload>, StorageError> {
        let upload = lock(&self.uploads).get(id).cloned();
        upload.filter(|upload| upload.manifest.key == key).ok_or(StorageError::NoSuchUpload)
    }

    /// Unfinished uploads, by key and id.
    pub(crate) fn list_uploads(&self) -> Vec<Arc<Upload>> {
        let mut uploads: Vec<_> = lock(&self.uploads).values().cloned().collect();
        uploads.sort_by(|a, b| (&a.manifest.key, &a.id).cmp(&(&b.manifest.key, &b.id)));
        uploads
    }

    /// Puts a finished draft in place as a part, instead of an earlier one of that number.
    pub(crate) fn put_part(
        &self,
        upload: &Upload,
        number: u16,
        mut draft: Draft,
        digests: &Digests,
    ) -> Result<Part, StorageError> {
        let head = Head {
            key: upload.manifest.key.clone(),
            version: Uuid::now_v7(),
            size: digests.size,
            etag: digests.md5.clone(),
            sha256: digests.sha256.clone(),
            modified: now_ms(),
            attributes: Attributes::default(),
            upload: None,
        };
        draft.seal(&head, self.disk)?;
        let mut state = lock(&upload.state);
        let _open = self.ensure_open()?;
        if state.closed {
            return Err(StorageError::NoSuchUpload);
        }
        draft.place(&self.part_path(&upload.id, number), self.disk)?;
        let part = Part::from(head);
        state.parts.insert(number, part.clone());
        Ok(part)
    }

    /// Joins the named parts to the object. The upload goes only after the object stands, so a kill in between leaves
    /// an upload that can be completed once more, to the same result.
    pub(crate) fn complete_upload(
        &self,
        upload: &Upload,
        wanted: &[(u16, String)],
        conditions: &Conditions,
    ) -> Result<Head, StorageError> {
        let mut state = lock(&upload.state);
        if state.closed {
            return Err(StorageError::NoSuchUpload);
        }
        let etag = check_parts(&state.parts, wanted)?;
        let mut draft = Draft::create(&self.tmp(), &Checksum::default())?;
        for (number, _) in wanted {
            let (file, head) = object_file::open(&self.part_path(&upload.id, *number))?;
            draft.copy(&file, 0, head.size)?;
        }
        let digests = draft.digests();
        let object = NewObject {
            key: upload.manifest.key.clone(),
            attributes: upload.manifest.attributes.clone(),
            etag,
            upload: Some(upload.id.clone()),
        };
        let head = self.put(draft, &digests, object, conditions)?;
        self.close_upload(&mut state, &upload.id);
        Ok(head)
    }

    /// The object that a completion answered before left, if it still stands: a client may not have got the answer.
    pub(crate) fn completed(&self, id: &str, key: &str) -> Result<Head, StorageError> {
        match self.open_object(key, &Conditions::default()) {
            Ok((_, head)) if head.upload.as_deref() == Some(id) => Ok(head),
            Ok(_) | Err(StorageError::NoSuchKey) => Err(StorageError::NoSuchUpload),
            Err(error) => Err(error),
        }
    }

    /// Gives an upload up and deletes its parts.
    pub(crate) fn abort_upload(&self, upload: &Upload) -> Result<(), StorageError> {
        let mut state = lock(&upload.state);
        let _open = self.ensure_open()?;
        if state.closed {
            return Err(StorageError::NoSuchUpload);
        }
        self.close_upload(&mut state, &upload.id);
        Ok(self.disk.sync_dir(&self.uploads_dir())?)
    }

    fn close_upload(&self, state: &mut State, id: &str) {
        state.closed = true;
        lock(&self.uploads).remove(id);
        if let Err(error) = disk::discard_dir(&self.uploads_dir().join(id), &self.tmp()) {
            tracing::warn!(%error, "parts of an upload not removed");
        }
    }

    fn part_path(&self, id: &str, number: u16) -> PathBuf {
        self.uploads_dir().join(id).join(number.to_string())
    }
}

/// Checks the list of a completion against the parts in place and returns the object's `ETag`.
fn check_parts(parts: &BTreeMap<u16, Part>, wanted: &[(u16, String)]) -> Result<String, StorageError> {
    let Some(((last, _), _)) = wanted.split_last() else { return Err(StorageError::NoParts) };
    if !wanted.is_sorted_by(|(a, _), (b, _)| a < b) {
        return Err(StorageError::InvalidPartOrder);
    }
    let mut md5 = Md5::new();
    for (number, etag) in wanted {
        let part = parts.get(number).filter(|part| part.etag == *etag).ok_or(StorageError::InvalidPart)?;
        if part.size < MIN_PART && number != last {
            return Err(StorageError::EntityTooSmall);
        }
        md5.update(hex::decode(&part.etag).map_err(|_| StorageError::InvalidPart)?);
    }
    Ok(format!("{}-{}", hex::encode(md5.finalize()), wanted.len()))
}

/// Copies bytes of an object into a new draft.
pub(crate) fn copy_draft(bucket: &Bucket, source: &File, range: Range<u64>) -> Result<(Draft, Digests), StorageError> {
    let mut draft = Draft::create(&bucket.tmp(), &Checksum::default())?;
    draft.copy(source, range.start, range.end)?;
    let digests = draft.digests();
    Ok((draft, digests))
}
