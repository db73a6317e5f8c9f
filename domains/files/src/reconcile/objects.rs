use crate::{ObjectStore, ObjectStoreError, object_store::Page};
use chrono::{DateTime, Utc};
use std::collections::VecDeque;

/// An object as the store lists it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// Its key, beginning with a slash.
    pub(crate) key: String,
    pub(crate) size: i64,
    /// When it was written; `None` if the store's words are not understood.
    pub(crate) written: Option<DateTime<Utc>>,
}

/// All objects in the order of their keys, a page at a time.
#[derive(Debug, Default)]
pub(super) struct Objects {
    page: VecDeque<Stored>,
    /// Where the next page begins.
    token: Option<String>,
    begun: bool,
}

impl Objects {
    /// The next object, which stays.
    pub(super) async fn peek(&mut self, store: &ObjectStore) -> Result<Option<&Stored>, ObjectStoreError> {
        while self.page.is_empty() && (!self.begun || self.token.is_some()) {
            let Page { objects, next } = store.page(self.token.take()).await?;
            (self.page, self.token, self.begun) = (objects.into(), next, true);
        }
        Ok(self.page.front())
    }

    /// Takes the next object.
    pub(super) fn pop(&mut self) -> Option<Stored> {
        self.page.pop_front()
    }
}
