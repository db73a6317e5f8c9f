//! Keyset pages: a cursor names the last row seen, is signed, and belongs to one tenant, list and set of filters.

use crate::secrets::MasterKey;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

/// The most rows that one page may ask for.
pub const MAX_LIMIT: i64 = 100;
/// Rows of a page when the caller names no number.
pub const DEFAULT_LIMIT: i64 = 20;

/// What a caller wants to see of a list. `K` is the sort key of the list, for example an id.
#[derive(Debug, Clone)]
pub struct PageRequest<K> {
    /// Rows wanted, 1 to [`MAX_LIMIT`].
    pub limit: i64,
    /// The sort key of the last row already seen.
    pub after: Option<K>,
}

impl<K> Default for PageRequest<K> {
    fn default() -> Self {
        Self { limit: DEFAULT_LIMIT, after: None }
    }
}

impl<K> PageRequest<K> {
    /// How many rows to fetch: one more than wanted tells whether there are more.
    pub const fn fetch(&self) -> i64 {
        self.limit + 1
    }
}

/// One page of a list, in order.
#[derive(Debug, Clone)]
pub struct Page<T, K> {
    /// The rows.
    pub data: Vec<T>,
    /// The sort key of the last row, if more rows follow.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// Makes a page of rows fetched with [`PageRequest::fetch`].
    pub fn of(mut rows: Vec<T>, request: &PageRequest<K>, key: impl Fn(&T) -> K) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or_default();
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { data: rows, next }
    }

    /// The same page with every row changed by `f`.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, K> {
        Page { data: self.data.into_iter().map(f).collect(), next: self.next }
    }
}

/// A cursor that this platform did not make, or made for another list, tenant or filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor belongs to another list or filter")]
pub struct CursorMismatch;

/// Writes and reads cursors.
#[derive(Debug, Clone)]
pub struct CursorSigner(MasterKey);

impl CursorSigner {
    /// Cursors signed with a key derived from the platform's.
    pub const fn new(key: MasterKey) -> Self {
        Self(key)
    }

    /// The cursor for `position` in the list named by `list` (operation, tenant and filters, in one text).
    pub fn write(&self, list: &str, position: &str) -> String {
        let tag = self.tag(list, position);
        URL_SAFE_NO_PAD.encode([&tag[..], position.as_bytes()].concat())
    }

    /// The position a cursor names, if it was made for this very list.
    pub fn read(&self, list: &str, cursor: &str) -> Result<String, CursorMismatch> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| CursorMismatch)?;
        let (tag, position) = bytes.split_first_chunk::<16>().ok_or(CursorMismatch)?;
        let position = std::str::from_utf8(position).map_err(|_| CursorMismatch)?;
        if bool::from(tag.ct_eq(&self.tag(list, position))) { Ok(position.to_owned()) } else { Err(CursorMismatch) }
    }

    fn tag(&self, list: &str, position: &str) -> [u8; 16] {
        let mac = self.0.mac("cursor", &[list.as_bytes(), position.as_bytes()]);
        let mut tag = [0; 16];
        tag.copy_from_slice(&mac[..16]);
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_serves_only_its_own_list() {
        let signer = CursorSigner::new(MasterKey::from_hex(&"01".repeat(32)).unwrap());
        let cursor = signer.write("ten_a products q=", "prd_1");
        assert_eq!(signer.read("ten_a products q=", &cursor).as_deref(), Ok("prd_1"));
        assert_eq!(signer.read("ten_b products q=", &cursor), Err(CursorMismatch));
        assert_eq!(signer.read("ten_a products q=", "AAAA"), Err(CursorMismatch));
    }

    #[test]
    fn the_extra_row_only_tells_that_there_are_more() {
        let request = PageRequest { limit: 2, after: None };
        let page = Page::of(vec![1, 2, 3], &request, |n| *n);
        assert_eq!((page.data, page.next), (vec![1, 2], Some(2)));
        assert_eq!(Page::of(vec![1, 2], &request, |n| *n).next, None);
    }
}
