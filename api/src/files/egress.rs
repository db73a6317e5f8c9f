//! Counts the bytes that leave, whether the reader stays to the end or goes away.

use bytes::Bytes;
use db::TenantScope;
use files::Traffic;
use futures_util::{Stream, StreamExt};
use std::io;

/// Whose bytes leave, and from which bucket.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) scope: TenantScope,
    pub(crate) bucket: String,
}

/// The same bytes, counted as one read and as they are taken.
pub(super) fn counted(
    bytes: impl Stream<Item = io::Result<Bytes>> + 'static,
    traffic: Traffic,
    source: Source,
) -> impl Stream<Item = io::Result<Bytes>> + 'static {
    traffic.answered(&source.scope, &source.bucket);
    bytes.inspect(move |piece| {
        if let Ok(piece) = piece {
            traffic.sent(&source.scope, &source.bucket, piece.len());
        }
    })
}
