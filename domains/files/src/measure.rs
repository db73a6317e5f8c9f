//! Size, SHA-256 and first bytes of an object that came past the platform: read once, in constant memory.

use crate::{ObjectStore, ObjectStoreError, sniff};
use sha2::{Digest, Sha256};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::io::AsyncWrite;

/// What an object is.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) size: i64,
    pub(crate) sha256: [u8; 32],
    head: Vec<u8>,
}

impl Measured {
    /// The media type that the first bytes tell.
    pub(crate) fn content_type(&self) -> &'static str {
        sniff::content_type(&self.head)
    }
}

/// Reads an object and keeps nothing of it but what it is.
pub(crate) async fn measured(store: &ObjectStore, key: &str) -> Result<Measured, ObjectStoreError> {
    let mut scale = Scale::default();
    store.get(key, None, &mut scale).await?;
    Ok(Measured { size: scale.size, sha256: scale.hash.finalize().into(), head: scale.head })
}

#[derive(Default)]
struct Scale {
    hash: Sha256,
    size: i64,
    head: Vec<u8>,
}

impl AsyncWrite for Scale {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, piece: &[u8]) -> Poll<io::Result<usize>> {
        self.hash.update(piece);
        self.size += i64::try_from(piece.len()).map_err(io::Error::other)?;
        let missing = sniff::HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&piece[..piece.len().min(missing)]);
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
