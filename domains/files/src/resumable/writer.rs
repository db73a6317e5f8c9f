//! Writes one piece, in constant memory: as parts, and what is left over as a tail.

use super::{
    AppendError,
    append::{Append, Appended, Begun, Checksum, Piece},
    finish::{Whole, seal, settle, show_small},
    lock::{free, held},
    row::{PartTag, Row, insert_parts, of_upload},
};
use crate::{
    ObjectStore, ObjectStoreError, UploadError,
    blob::{insert_pending, key},
    parts::Unjoined,
    sniff,
    spool::{PART_BYTES, Spool},
    upload::{abort, extend},
    uploads::{UploadState, find_any, note_store_id},
};
use bytes::Bytes;
use chrono::Duration;
use db::{Db, DbError, TenantScope, TenantTx, schema::uploads};
use diesel::prelude::*;
use kernel::ids::{BlobId, FileId, UploadId};
use sha1::Sha1;
use sha2::{Digest, Sha256, digest::common::hazmat::SerializableState};
use std::io;
use tokio::sync::mpsc;
use uuid::Uuid;

/// How long an object may wait for the transaction that names it.
const UNNAMED: Duration = Duration::hours(1);

/// Who may do what where.
pub(super) type Place = (Db, ObjectStore, TenantScope);

/// One piece under way.
pub(super) struct Writer {
    db: Db,
    store: ObjectStore,
    scope: TenantScope,
    holder: Uuid,
    row: Row,
    /// Where the piece begins, and how many bytes it was said to have.
    from: i64,
    declared: Option<i64>,
    reserved: i64,
    maximum: i64,
    /// Bytes that came, safe or not.
    offset: i64,
    hash: Sha256,
    piece: PieceHash,
    head: Vec<u8>,
    /// Bytes behind the last part.
    buffer: Spool,
    /// The object that they lie in, if they are all safe.
    tail: Option<BlobId>,
    /// Parts in the store, safe or not.
    parts: usize,
    /// Those of them that are not safe yet.
    unsafe_parts: Vec<PartTag>,
}

/// The checksum of the piece as it comes.
enum PieceHash {
    None,
    Sha1(Sha1, Vec<u8>),
    Sha256(Sha256, Vec<u8>),
}

impl PieceHash {
    fn new(wanted: Option<Checksum>) -> Self {
        match wanted {
            None => Self::None,
            Some(Checksum::Sha1(wanted)) => Self::Sha1(Sha1::new(), wanted),
            Some(Checksum::Sha256(wanted)) => Self::Sha256(Sha256::new(), wanted),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::None => {}
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    fn fits(self) -> bool {
        match self {
            Self::None => true,
            Self::Sha1(hash, wanted) => hash.finalize()[..] == wanted[..],
            Self::Sha256(hash, wanted) => hash.finalize()[..] == wanted[..],
        }
    }
}

/// What a transaction makes safe.
#[derive(Debug, Clone)]
struct Progress {
    offset: i64,
    parts: Vec<PartTag>,
    hash_state: Vec<u8>,
    head: Vec<u8>,
    tail: Option<BlobId>,
    /// Whether the lock is given back.
    ends: bool,
}

impl Writer {
    pub(super) fn new(place: Place, holder: Uuid, begun: Begun, append: Append) -> Result<Self, AppendError> {
        let (db, store, scope) = place;
        let Begun { row, parts, reserved, maximum } = begun;
        let buffer = store.room.spool();
        let hash = match &row.hash_state {
            Some(state) => thaw(state)?,
            None => Sha256::new(),
        };
        Ok(Self {
            db,
            store,
            scope,
            holder,
            from: append.offset,
            declared: append.declared,
            piece: PieceHash::new(append.checksum),
            reserved,
            maximum,
            offset: row.offset_bytes,
            hash,
            head: row.head.clone().unwrap_or_default(),
            buffer,
            tail: row.tail_blob_id,
            parts,
            unsafe_parts: Vec::new(),
            row,
        })
    }

    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Piece>) -> Result<Appended, AppendError> {
        self.load_tail().await?;
        loop {
            match queue.recv().await {
                Some(Piece::Data(bytes)) => self.take(&bytes).await?,
                Some(Piece::End) => return self.end(true).await,
                None => return self.end(false).await,
            }
        }
    }

    /// The bytes behind the last part.
    async fn load_tail(&mut self) -> Result<(), AppendError> {
        if let Some(tail) = self.tail {
            let _turn = self.store.room.turn().await.map_err(failed)?;
            let mut bytes = Vec::new();
            self.store.get_small(&self.key(tail), &mut bytes).await.map_err(failed)?;
            self.buffer.push(&bytes).await.map_err(interrupted)?;
        }
        Ok(())
    }

    async fn take(&mut self, bytes: &Bytes) -> Result<(), AppendError> {
        let came = i64::try_from(bytes.len()).map_err(|_| AppendError::TooLong)?;
        if came > self.maximum - self.offset {
            return Err(AppendError::TooLong);
        }
        if self.offset + came > self.reserved {
            let (id, blob, needed) = (self.row.id, self.row.blob_id, self.offset + came);
            let more = move |tx: &mut TenantTx<'_>| {
                let pending = find_any(tx, id)?.pending(tx, blob)?;
                extend(tx, &pending, needed)
            };
            self.reserved = self.db.tenant("files.extend_upload", self.scope.clone(), more).await?;
        }
        self.offset += came;
        self.hash.update(bytes);
        self.piece.update(bytes);
        let missing = sniff::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        self.buffer.push(bytes).await.map_err(interrupted)?;
        if self.buffer.len() >= PART_BYTES {
            self.put_part().await?;
            // A piece with a checksum counts as a whole or not at all.
            if matches!(self.piece, PieceHash::None) {
                self.make_safe(false).await?;
            }
        }
        Ok(())
    }

    fn take_buffer(&mut self) -> Spool {
        std::mem::replace(&mut self.buffer, self.store.room.spool())
    }

    /// Stores the buffer as the next part.
    async fn put_part(&mut self) -> Result<(), AppendError> {
        let store_id = self.begun_parts().await?;
        let number = i32::try_from(self.parts + 1).map_err(|_| AppendError::TooLong)?;
        let part = self.take_buffer().load().await.map_err(failed)?;
        let key = self.key(self.row.blob_id);
        let etag = self.store.put_part(&key, &store_id, number.unsigned_abs(), part).await.map_err(failed)?;
        self.parts += 1;
        self.tail = None;
        self.unsafe_parts.push((number, etag));
        Ok(())
    }

    /// The store's id of the upload in parts, begun with the first part.
    async fn begun_parts(&mut self) -> Result<String, AppendError> {
        if let Some(known) = &self.row.store_upload_id {
            return Ok(known.clone());
        }
        let (id, key) = (self.row.id, self.key(self.row.blob_id));
        let ours = self.store.begin_parts(&key).await.map_err(failed)?;
        let wanted = ours.clone();
        let note = move |tx: &mut TenantTx<'_>| note_store_id(tx, id, &wanted);
        let kept = self.db.tenant("files.note_store_upload", self.scope.clone(), note).await?;
        let kept = kept.ok_or(UploadError::Ended)?;
        if kept != ours {
            let _ = self.store.abort_parts(&Unjoined { key, id: ours }).await;
        }
        self.row.store_upload_id = Some(kept.clone());
        Ok(kept)
    }

    /// The piece is over: sent whole, or broken off.
    async fn end(mut self, whole: bool) -> Result<Appended, AppendError> {
        if self.row.state != UploadState::Open {
            let file = settle(&self.db, &self.store, &self.scope, self.row.id).await?;
            return Ok(self.appended(Some(file.id)));
        }
        let piece = std::mem::replace(&mut self.piece, PieceHash::None);
        let checked = !matches!(piece, PieceHash::None);
        let short = self.declared.is_some_and(|declared| self.from + declared != self.offset);
        if checked && (!whole || short) {
            return Err(UploadError::Incomplete.into());
        }
        if !piece.fits() {
            return Err(AppendError::Checksum);
        }
        if self.row.declared_bytes == Some(self.offset) {
            return self.finish().await;
        }
        if !self.buffer.is_empty() && self.offset > self.row.offset_bytes {
            self.tail = Some(self.put_object().await?);
        }
        self.make_safe(true).await?;
        Ok(self.appended(None))
    }

    /// Stores the buffer as an object under a key that nobody else knows.
    async fn put_object(&mut self) -> Result<BlobId, AppendError> {
        let new = |tx: &mut TenantTx<'_>| {
            let until = tx.now() + UNNAMED;
            insert_pending(tx, 0, until)
        };
        let blob = self.db.tenant("files.begin_tail", self.scope.clone(), new).await?;
        let bytes = self.take_buffer().load().await.map_err(failed)?;
        self.store.put_whole(&self.key(blob), bytes).await.map_err(failed)?;
        Ok(blob)
    }

    async fn make_safe(&mut self, ends: bool) -> Result<(), AppendError> {
        let progress = Progress {
            offset: self.offset,
            parts: std::mem::take(&mut self.unsafe_parts),
            hash_state: self.hash.serialize().to_vec(),
            head: self.head.clone(),
            tail: self.tail,
            ends,
        };
        let (id, holder) = (self.row.id, self.holder);
        let note = move |tx: &mut TenantTx<'_>| note(tx, id, holder, &progress);
        self.db.tenant("files.note_progress", self.scope.clone(), note).await?;
        self.row.offset_bytes = self.offset;
        Ok(())
    }

    /// All bytes came.
    async fn finish(mut self) -> Result<Appended, AppendError> {
        let (id, holder) = (self.row.id, self.holder);
        let content_type = self.judge().await?;
        let (sha256, to_scan) = (self.hash.clone().finalize().into(), self.store.scanner().is_some());
        let whole = Whole { size: self.offset, sha256, content_type, to_scan };
        if self.parts == 0 {
            let blob = self.put_object().await?;
            let show = move |tx: &mut TenantTx<'_>| show_small(tx, (id, holder), blob, &whole);
            let shown = self.db.tenant("files.finish_upload", self.scope.clone(), show).await?;
            return Ok(self.appended(Some(shown.file.id)));
        }
        if !self.buffer.is_empty() {
            self.put_part().await?;
        }
        let last = std::mem::take(&mut self.unsafe_parts);
        let sealing = move |tx: &mut TenantTx<'_>| seal(tx, (id, holder), &last, &whole);
        self.db.tenant("files.seal_upload", self.scope.clone(), sealing).await?;
        let file = settle(&self.db, &self.store, &self.scope, id).await?;
        Ok(self.appended(Some(file.id)))
    }

    /// The media type, as the first bytes allow it. If they do not, the upload is given up.
    async fn judge(&self) -> Result<String, AppendError> {
        let (id, blob, found) = (self.row.id, self.row.blob_id, sniff::content_type(&self.head));
        let look = move |tx: &mut TenantTx<'_>| find_any(tx, id)?.pending(tx, blob)?.content_type(found);
        let judged = self.db.tenant("files.judge_type", self.scope.clone(), look).await;
        if let Err(UploadError::TypeNotAllowed { .. } | UploadError::TypeContradicted { .. }) = &judged {
            let end = move |tx: &mut TenantTx<'_>| super::terminate(tx, id);
            let _ = self.db.tenant("files.terminate", self.scope.clone(), end).await;
        }
        Ok(judged?)
    }

    const fn appended(&self, file_id: Option<FileId>) -> Appended {
        Appended { offset: self.offset, expires_at: self.row.expires_at, file_id }
    }

    fn key(&self, blob: BlobId) -> String {
        key(self.scope.tenant(), blob)
    }
}

fn failed(error: ObjectStoreError) -> AppendError {
    UploadError::Store(error).into()
}

fn interrupted(error: io::Error) -> AppendError {
    failed(ObjectStoreError::Interrupted(error))
}

fn thaw(state: &[u8]) -> Result<Sha256, DbError> {
    let broken = || DbError::Corrupt("the state of a SHA-256 cannot be read".into());
    let state = state.try_into().map_err(|_| broken())?;
    Sha256::deserialize(state).map_err(|_| broken())
}

/// Notes what is safe, if the holder still has the lock.
fn note(tx: &mut TenantTx<'_>, id: UploadId, holder: Uuid, progress: &Progress) -> Result<(), AppendError> {
    let row = held(tx, id, holder)?;
    insert_parts(tx, id, &progress.parts)?;
    if let Some(old) = row.tail_blob_id.filter(|old| progress.tail != Some(*old)) {
        abort(tx, old)?;
    }
    if let Some(tail) = progress.tail {
        crate::blob::leave_until(tx, tail, row.expires_at)?;
    }
    diesel::update(of_upload!(tx, id))
        .set((
            uploads::offset_bytes.eq(progress.offset),
            uploads::hash_state.eq(&progress.hash_state),
            uploads::head.eq(&progress.head),
            uploads::tail_blob_id.eq(progress.tail),
        ))
        .execute(tx.conn())
        .map_err(DbError::from)?;
    if progress.ends {
        free(tx, id, holder)?;
    }
    Ok(())
}
