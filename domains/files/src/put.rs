//! Bytes of any length on their way into one object: as they are if they are few, or else in parts.

use crate::{
    ObjectStore, ObjectStoreError,
    parts::{CONTENT_TYPE, Unjoined},
    spool::{Loaded, Spool},
};
use tokio::io::AsyncRead;

impl ObjectStore {
    /// Stores what `reader` gives until it ends; an error of the reader stores nothing.
    pub(crate) async fn put<R: AsyncRead + Unpin>(&self, key: &str, reader: &mut R) -> Result<(), ObjectStoreError> {
        let mut first = self.room.spool();
        if !first.fill(reader).await.map_err(ObjectStoreError::Interrupted)? {
            return self.put_whole(key, first.load().await?).await;
        }
        let id = self.begin_parts(key).await?;
        let stored = match self.put_parts(key, &id, first, reader).await {
            Ok(parts) => self.join_parts(key, &id, parts).await,
            Err(error) => Err(error),
        };
        if stored.is_err() {
            // What cannot be given up now, the worker finds later.
            let _ = self.abort_parts(&Unjoined { key: key.to_owned(), id }).await;
        }
        stored
    }

    /// Stores an object in one request.
    pub(crate) async fn put_whole(&self, key: &str, loaded: Loaded) -> Result<(), ObjectStoreError> {
        self.bucket.put_object_with_content_type(key, &loaded.bytes, CONTENT_TYPE).await?;
        Ok(())
    }

    /// Sends one part while the next is filled; returns the numbers and `ETag`s of all.
    async fn put_parts<R: AsyncRead + Unpin>(
        &self,
        key: &str,
        id: &str,
        mut full: Spool,
        reader: &mut R,
    ) -> Result<Vec<(u32, String)>, ObjectStoreError> {
        let mut parts = Vec::new();
        loop {
            let number = u32::try_from(parts.len() + 1).map_err(|_| ObjectStoreError::Refused)?;
            let mut next = self.room.spool();
            let send = async { self.put_part(key, id, number, full.load().await?).await };
            let more = async { next.fill(reader).await.map_err(ObjectStoreError::Interrupted) };
            let (etag, whole) = tokio::try_join!(send, more)?;
            parts.push((number, etag));
            if !whole {
                if !next.is_empty() {
                    parts.push((number + 1, self.put_part(key, id, number + 1, next.load().await?).await?));
                }
                return Ok(parts);
            }
            full = next;
        }
    }
}
