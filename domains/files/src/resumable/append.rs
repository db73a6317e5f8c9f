use super::{
    AppendError,
    lock::{free, keep, take},
    row::{Row, of_upload, parts},
    writer::Writer,
};
use crate::{
    ObjectStore, UploadError,
    upload::extend_to,
    uploads::{UploadState, find_any},
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use db::{Db, DbError, TenantScope, TenantTx, schema::uploads};
use diesel::prelude::*;
use kernel::ids::{FileId, UploadId};
use tokio::{sync::mpsc, task::JoinHandle};
use uuid::Uuid;

/// Pieces that wait between sender and store.
const PIECES_WAITING: usize = 4;

/// What a sender says of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    /// Its SHA-1.
    Sha1(Vec<u8>),
    /// Its SHA-256.
    Sha256(Vec<u8>),
}

/// A piece to be added.
#[derive(Debug, Clone)]
pub struct Append {
    /// Where it begins.
    pub offset: i64,
    /// How many bytes it has, if the sender says so.
    pub declared: Option<i64>,
    /// How many bytes the whole file has, if that is said only now.
    pub length: Option<i64>,
    /// What it must have. A piece that has another is discarded whole, and so is one that breaks off.
    pub checksum: Option<Checksum>,
}

/// How far the upload is after a piece.
#[derive(Debug, Clone)]
pub struct Appended {
    /// Bytes that are safe.
    pub offset: i64,
    /// When the upload is given up, if it stays as it is.
    pub expires_at: DateTime<Utc>,
    /// The file, if it is whole.
    pub file_id: Option<FileId>,
}

/// What the sender says to the writing task.
pub(super) enum Piece {
    Data(Bytes),
    /// All data was sent; without it the piece is broken off.
    End,
}

/// The sender's end of a piece under way.
pub struct Appending {
    pieces: mpsc::Sender<Piece>,
    task: JoinHandle<Result<Appended, AppendError>>,
}

/// Begins to add a piece: takes the lock and checks what is said, then waits for bytes. A task of its own writes: when the
/// sender goes away, what has arrived is kept.
pub async fn append(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    id: UploadId,
    append: Append,
) -> Result<Appending, AppendError> {
    let holder = Uuid::new_v4();
    let wanted = append.clone();
    let begun = db.tenant("files.begin_piece", scope.clone(), move |tx| begin(tx, id, holder, &wanted)).await;
    let begun = match begun {
        Ok(begun) => begun,
        Err(error) => {
            // Where nobody knows whether the lock was taken, it is given back.
            if matches!(error, AppendError::Upload(UploadError::Db(_))) {
                let _ = db.tenant("files.free_lock", scope.clone(), move |tx| free(tx, id, holder)).await;
            }
            return Err(error);
        }
    };
    let (pieces, queue) = mpsc::channel(PIECES_WAITING);
    let (db, store, scope) = (db.clone(), store.clone(), scope.clone());
    let task = tokio::spawn(async move {
        let (lost, _kept) = keep(&db, &scope, id, holder);
        let writer = Writer::new((db.clone(), store, scope.clone()), holder, begun, append);
        let work = Box::pin(async { writer?.run(queue).await });
        let result = lost.run_until_cancelled(work).await.unwrap_or(Err(AppendError::Locked));
        if result.is_err() {
            // What cannot be given back now is free in half a minute.
            let _ = db.tenant("files.free_lock", scope, move |tx| free(tx, id, holder)).await as Result<(), DbError>;
        }
        result
    });
    Ok(Appending { pieces, task })
}

impl Appending {
    /// Sends bytes on. `false`: the piece has already failed, and [`Appending::end`] tells why.
    pub async fn push(&self, bytes: Bytes) -> bool {
        self.pieces.send(Piece::Data(bytes)).await.is_ok()
    }

    /// Says that the sender broke off, and waits until what has arrived is safe.
    pub async fn break_off(self) {
        drop(self.pieces);
        let _ = self.task.await;
    }

    /// Says that all was sent, and waits until it is safe.
    pub async fn end(self) -> Result<Appended, AppendError> {
        // If the task has ended, its result says why.
        let _ = self.pieces.send(Piece::End).await;
        drop(self.pieces);
        self.task.await.unwrap_or(Err(AppendError::Upload(UploadError::Incomplete)))
    }
}

/// What a piece begins with.
#[derive(Debug, Clone)]
pub(super) struct Begun {
    pub(super) row: Row,
    /// Parts that are safe already.
    pub(super) parts: usize,
    /// Bytes that are reserved.
    pub(super) reserved: i64,
    /// Bytes that the file may have at most.
    pub(super) maximum: i64,
}

fn begin(tx: &mut TenantTx<'_>, id: UploadId, holder: Uuid, append: &Append) -> Result<Begun, AppendError> {
    let mut row = take(tx, id, holder, append.offset)?;
    if let Some(length) = append.length {
        declare(tx, &mut row, length)?;
    }
    if row.state != UploadState::Open {
        return Ok(Begun { maximum: row.offset_bytes, reserved: 0, parts: 0, row });
    }
    let pending = find_any(tx, id)?.pending(tx, row.blob_id)?;
    let maximum = row.declared_bytes.unwrap_or(pending.maximum);
    if append.declared.is_some_and(|declared| declared > maximum - row.offset_bytes) {
        return Err(AppendError::TooLong);
    }
    let parts = parts(tx, id)?.len();
    Ok(Begun { reserved: pending.reserved, maximum, parts, row })
}

/// Notes the length of an upload that was begun without.
fn declare(tx: &mut TenantTx<'_>, row: &mut Row, length: i64) -> Result<(), AppendError> {
    if row.declared_bytes.is_some_and(|declared| declared != length) || length < row.offset_bytes {
        return Err(AppendError::Length);
    }
    if row.declared_bytes.is_none() {
        let pending = find_any(tx, row.id)?.pending(tx, row.blob_id)?;
        extend_to(tx, &pending, length)?;
        diesel::update(of_upload!(tx, row.id))
            .set(uploads::declared_bytes.eq(length))
            .execute(tx.conn())
            .map_err(DbError::from)?;
        row.declared_bytes = Some(length);
    }
    Ok(())
}
