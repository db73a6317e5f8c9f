//! The bytes of an upload on their way from a sender to the object store, in constant memory.
//!
//! A task of its own does the work: when the sender goes away, the task sees that its channel ended without the closing
//! word, stores nothing and gives the reservation back.

use crate::{
    File, ObjectStore, Upload, UploadError, Uploaded,
    blob::key,
    sniff,
    upload::{Arrived, Pending, Taken, abort, begin, extend, finish},
};
use bytes::Bytes;
use db::{Db, TenantScope, TenantTx};
use futures_util::stream;
use sha2::{Digest, Sha256};
use std::io;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::io::StreamReader;

/// Pieces that wait between sender and store.
const PIECES_WAITING: usize = 4;

/// What the sender says to the receiving task.
enum Piece {
    Data(Bytes),
    /// All data was sent; without it the upload is broken off.
    End,
}

/// The sender's end of an upload under way.
pub struct Received {
    pieces: mpsc::Sender<Piece>,
    task: JoinHandle<Result<Uploaded, UploadError>>,
}

/// What else is done with a file in the transaction that stores it; a refusal leaves nothing of the upload.
pub type Also = Box<dyn Fn(&mut TenantTx<'_>, &File) -> Result<(), UploadError> + Send>;

/// Begins an upload: checks and reserves, then waits for pieces.
pub async fn receive(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    upload: Upload,
) -> Result<Received, UploadError> {
    start(db, store, scope, upload, (Taken::NewVersion, Box::new(|_, _| Ok(())))).await
}

/// Begins an upload that changes no file: where one is, the new one gets a number in its name.
pub async fn receive_beside(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    upload: Upload,
    also: Also,
) -> Result<Received, UploadError> {
    start(db, store, scope, upload, (Taken::Number, also)).await
}

async fn start(
    db: &Db,
    store: &ObjectStore,
    scope: &TenantScope,
    upload: Upload,
    (on_taken, also): (Taken, Also),
) -> Result<Received, UploadError> {
    let declared = upload.declared_bytes;
    let begun = db.tenant("files.begin_upload", scope.clone(), move |tx| begin(tx, &upload)).await?;
    let pending = Pending { on_taken, ..begun };
    let (pieces, queue) = mpsc::channel(PIECES_WAITING);
    let transfer = Transfer {
        db: db.clone(),
        scope: scope.clone(),
        pending,
        declared,
        queue,
        hash: Sha256::new(),
        size: 0,
        head: Vec::new(),
        content_type: None,
        failure: None,
    };
    let store = store.clone();
    let task = tokio::spawn(async move { run(transfer, &store, also).await });
    Ok(Received { pieces, task })
}

impl Received {
    /// Sends a piece on. `false`: the upload has already failed, and [`Received::end`] tells why.
    pub async fn push(&self, piece: Bytes) -> bool {
        self.pieces.send(Piece::Data(piece)).await.is_ok()
    }

    /// Says that the sender broke off, and waits until nothing is left of the upload.
    pub async fn give_up(self) -> UploadError {
        drop(self.pieces);
        match self.task.await {
            Ok(Err(error)) => error,
            Ok(Ok(_)) | Err(_) => UploadError::Incomplete,
        }
    }

    /// Says that all was sent, and waits until the file is stored.
    pub async fn end(self) -> Result<Uploaded, UploadError> {
        // If the task has ended, its result says why.
        let _ = self.pieces.send(Piece::End).await;
        drop(self.pieces);
        self.task.await.unwrap_or(Err(UploadError::Incomplete))
    }
}

async fn run(transfer: Transfer, store: &ObjectStore, also: Also) -> Result<Uploaded, UploadError> {
    let (db, scope, pending) = (transfer.db.clone(), transfer.scope.clone(), transfer.pending.clone());
    let blob = pending.blob;
    let result = match store_object(transfer, store).await {
        Ok(arrived) => {
            let scope = scope.clone();
            let work = move |tx: &mut TenantTx<'_>| {
                let uploaded = finish(tx, &pending, &arrived)?;
                also(tx, &uploaded.file)?;
                Ok(uploaded)
            };
            db.tenant("files.finish_upload", scope, work).await
        }
        Err(error) => Err(error),
    };
    let unknown = matches!(&result, Err(UploadError::Db(db::DbError::CommitUnknown(_))));
    if result.is_err() && !unknown {
        // What cannot be given back now is given back by the sweeper.
        let _ = db.tenant("files.abort_upload", scope, move |tx| abort(tx, blob)).await;
    }
    result
}

/// Streams into the store; `Ok` means that the object is whole.
async fn store_object(transfer: Transfer, store: &ObjectStore) -> Result<Arrived, UploadError> {
    let key = key(transfer.scope.tenant(), transfer.pending.blob);
    let shared = std::sync::Arc::new(tokio::sync::Mutex::new(transfer));
    let pieces = stream::unfold(std::sync::Arc::clone(&shared), |shared| async move {
        let piece = shared.lock().await.next().await?;
        Some((piece, shared))
    });
    let stored = store.put(&key, &mut StreamReader::new(Box::pin(pieces))).await;
    let mut transfer = shared.lock().await;
    match (transfer.failure.take(), stored) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(UploadError::Store(error)),
        (None, Ok(())) => transfer.arrived(store.scanner().is_some()),
    }
}

/// The state of one upload.
struct Transfer {
    db: Db,
    scope: TenantScope,
    pending: Pending,
    declared: Option<i64>,
    queue: mpsc::Receiver<Piece>,
    hash: Sha256,
    size: i64,
    head: Vec<u8>,
    content_type: Option<String>,
    failure: Option<UploadError>,
}

impl Transfer {
    /// The next piece for the store. An error makes the store forget the upload; its reason is kept in `failure`.
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let step = match self.queue.recv().await {
            Some(Piece::Data(piece)) => self.take(&piece).await.map(|()| Some(piece)),
            Some(Piece::End) => self.close().map(|()| None),
            None => Err(UploadError::Incomplete),
        };
        step.map_err(|failure| {
            self.failure = Some(failure);
            io::Error::other("upload refused")
        })
        .transpose()
    }

    async fn take(&mut self, piece: &Bytes) -> Result<(), UploadError> {
        self.size += i64::try_from(piece.len()).map_err(|_| UploadError::Incomplete)?;
        if self.declared.is_some_and(|declared| self.size > declared) {
            return Err(UploadError::Incomplete);
        }
        if self.size > self.pending.reserved {
            let (pending, needed) = (self.pending.clone(), self.size);
            let scope = self.scope.clone();
            let reserved = self.db.tenant("files.extend_upload", scope, move |tx| extend(tx, &pending, needed)).await?;
            self.pending.reserved = reserved;
        }
        self.hash.update(piece);
        let missing = sniff::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..piece.len().min(missing)]);
        if self.head.len() >= sniff::HEAD_BYTES {
            self.judge_type()?;
        }
        Ok(())
    }

    /// Decides the media type once, as early as it can be told.
    fn judge_type(&mut self) -> Result<(), UploadError> {
        if self.content_type.is_none() {
            self.content_type = Some(self.pending.content_type(sniff::content_type(&self.head))?);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), UploadError> {
        if self.declared.is_some_and(|declared| self.size != declared) {
            return Err(UploadError::Incomplete);
        }
        self.judge_type()
    }

    fn arrived(&mut self, to_scan: bool) -> Result<Arrived, UploadError> {
        let content_type = self.content_type.take().ok_or(UploadError::Incomplete)?;
        let hash = std::mem::replace(&mut self.hash, Sha256::new());
        Ok(Arrived { size: self.size, sha256: hash.finalize().into(), content_type, to_scan })
    }
}
