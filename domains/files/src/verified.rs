//! Bytes that are what was stored, or do not end well.

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use sha2::{Digest, Sha256};
use std::io;

/// The same bytes, but the last of them only if all have this SHA-256: else the stream ends with an error, and the reader sees that
/// bytes are missing.
pub(crate) fn verified(
    bytes: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    sha256: Option<Vec<u8>>,
    key: String,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let Some(sha256) = sha256 else { return bytes.left_stream() };
    let start = (Box::pin(bytes.fuse()), Sha256::new(), None::<Bytes>);
    stream::unfold((start, sha256, key), |((mut bytes, mut hash, mut held), sha256, key)| async move {
        loop {
            match bytes.next().await {
                Some(Ok(piece)) => {
                    hash.update(&piece);
                    if let Some(before) = held.replace(piece) {
                        return Some((Ok(before), ((bytes, hash, held), sha256, key)));
                    }
                }
                Some(Err(error)) => return Some((Err(error), ((bytes, hash, None), sha256, key))),
                None => {
                    let last = held.take()?;
                    let right = hash.clone().finalize()[..] == sha256[..];
                    if !right {
                        tracing::error!(key, "an object is not what was stored under its key");
                    }
                    let last = if right { Ok(last) } else { Err(io::ErrorKind::InvalidData.into()) };
                    return Some((last, ((bytes, hash, None), sha256, key)));
                }
            }
        }
    })
    .right_stream()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(pieces: &'static [&'static str], sha256: Option<Vec<u8>>) -> (String, bool) {
        let source = stream::iter(pieces.iter().map(|piece| Ok(Bytes::from_static(piece.as_bytes()))));
        let read: Vec<_> = verified(source, sha256, String::new()).collect().await;
        let whole = read.iter().all(Result::is_ok);
        let bytes: Vec<u8> = read.into_iter().flatten().flatten().collect();
        (String::from_utf8(bytes).unwrap(), whole)
    }

    #[tokio::test]
    async fn the_last_bytes_come_only_after_all_were_right() {
        let right = || Some(Sha256::digest("oolong").to_vec());
        assert_eq!(read(&["oo", "lo", "ng"], right()).await, ("oolong".to_owned(), true));
        assert_eq!(read(&["oolong"], right()).await, ("oolong".to_owned(), true));
        assert_eq!(read(&["oo", "LO", "ng"], right()).await, ("ooLO".to_owned(), false));
        assert_eq!(read(&["Oolong"], right()).await, (String::new(), false));
        assert_eq!(read(&["oo", "lo"], right()).await, ("oo".to_owned(), false), "cut off");
        assert_eq!(read(&["anything"], None).await, ("anything".to_owned(), true));
    }
}
