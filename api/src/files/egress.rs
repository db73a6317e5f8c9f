//! Counts the bytes that leave, whether the reader stays to the end or goes away.

use bytes::Bytes;
use db::{Db, DbError, TenantScope};
use futures_util::{Stream, StreamExt, stream};
use std::io;
use tokio::runtime::Handle;

/// Bytes sent and not recorded yet; recorded at the latest when this is dropped.
struct Egress {
    db: Db,
    scope: TenantScope,
    bytes: u64,
}

impl Egress {
    async fn settle(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        record(self.db.clone(), self.scope.clone(), bytes).await;
    }
}

impl Drop for Egress {
    fn drop(&mut self) {
        // Without a runtime the process is ending.
        if self.bytes > 0
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(record(self.db.clone(), self.scope.clone(), self.bytes));
        }
    }
}

async fn record(db: Db, scope: TenantScope, bytes: u64) {
    if bytes == 0 {
        return;
    }
    let recorded =
        db.tenant("files.record_egress", scope, move |tx| files::record_egress(tx, bytes)).await as Result<(), DbError>;
    if let Err(error) = recorded {
        tracing::error!(%error, bytes, "bytes were sent and could not be recorded");
    }
}

/// The same bytes, counted for the firm as they are taken.
pub(super) fn counted(
    bytes: impl Stream<Item = io::Result<Bytes>> + Unpin + 'static,
    db: Db,
    scope: TenantScope,
) -> impl Stream<Item = io::Result<Bytes>> + 'static {
    stream::unfold((bytes, Egress { db, scope, bytes: 0 }), |(mut bytes, mut egress)| async move {
        let piece = bytes.next().await;
        match &piece {
            Some(Ok(piece)) => egress.bytes += u64::try_from(piece.len()).unwrap_or_default(),
            Some(Err(_)) | None => egress.settle().await,
        }
        piece.map(|piece| (piece, (bytes, egress)))
    })
}
