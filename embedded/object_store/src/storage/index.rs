//! The ordered index of a bucket: what listings answer from without touching an object file.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a listing tells of an object, and which file holds it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Entry {
    pub(crate) version: Uuid,
    pub(crate) size: u64,
    pub(crate) etag: String,
    /// Milliseconds since 1970.
    pub(crate) modified: u64,
}

/// Keys in the order of their UTF-8 bytes.
#[derive(Debug, Default)]
pub(crate) struct Index(BTreeMap<String, Entry>);

/// Where a page of a listing ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// After this key.
    Key(String),
    /// After every key that starts so.
    Prefix(String),
}

/// What to list.
pub(crate) struct Query<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    pub(crate) after: Option<Cursor>,
    pub(crate) limit: usize,
}

/// One page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) objects: Vec<(String, Entry)>,
    pub(crate) prefixes: Vec<String>,
    /// Where to go on, if there is more.
    pub(crate) next: Option<Cursor>,
}

impl Index {
    pub(crate) fn insert(&mut self, key: String, entry: Entry) -> Option<Entry> {
        self.0.insert(key, entry)
    }

    pub(crate) fn remove(&mut self, key: &str) -> Option<Entry> {
        self.0.remove(key)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.0.get(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.0.iter()
    }

    /// One page of a listing. A group of keys behind one delimiter is stepped over in one go, whatever its size.
    pub(crate) fn page(&self, query: &Query<'_>) -> Page {
        let mut page = Page::default();
        let Some(start) = start(query) else { return page };
        let mut rest = self.0.range((start, Bound::Unbounded));
        let mut last = None;
        while let Some((key, entry)) = rest.next() {
            let Some(tail) = key.strip_prefix(query.prefix) else { break };
            if page.objects.len() + page.prefixes.len() >= query.limit {
                page.next = last;
                break;
            }
            let Some(group) = query.delimiter.and_then(|delimiter| group(query.prefix, tail, delimiter)) else {
                page.objects.push((key.clone(), entry.clone()));
                last = Some(Cursor::Key(key.clone()));
                continue;
            };
            let beyond = successor(&group);
            last = Some(Cursor::Prefix(group.clone()));
            page.prefixes.push(group);
            let Some(beyond) = beyond else { break };
            rest = self.0.range((Bound::Included(beyond), Bound::Unbounded));
        }
        page
    }
}

/// The common prefix of a key whose part behind the asked prefix holds the delimiter.
fn group(prefix: &str, tail: &str, delimiter: &str) -> Option<String> {
    let (first, _) = tail.split_once(delimiter)?;
    Some(format!("{prefix}{first}{delimiter}"))
}

/// Where a listing begins; `None` if nothing can follow.
fn start(query: &Query<'_>) -> Option<Bound<String>> {
    let first = match &query.after {
        None => Bound::Included(String::new()),
        Some(Cursor::Key(key)) => Bound::Excluded(key.clone()),
        Some(Cursor::Prefix(prefix)) => Bound::Included(successor(prefix)?),
    };
    match first {
        Bound::Included(key) | Bound::Excluded(key) if key.as_str() < query.prefix => {
            Some(Bound::Included(query.prefix.to_owned()))
        }
        other => Some(other),
    }
}

/// The least string greater than all strings that start with `prefix`; `None` if there is none.
fn successor(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // Code points and UTF-8 bytes sort alike; the gap of the surrogates is skipped by the inclusive range.
        if let Some(next) = (last..=char::MAX).nth(1) {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(keys: &[&str]) -> Index {
        let entry = Entry { version: Uuid::nil(), size: 0, etag: String::new(), modified: 0 };
        Index(keys.iter().map(|key| ((*key).to_owned(), entry.clone())).collect())
    }

    #[test]
    fn successor_skips_all_that_starts_so() {
        assert_eq!(successor("a/").as_deref(), Some("a0"));
        assert_eq!(successor("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{10ffff}"), None);
        assert_eq!(successor(""), None);
    }

    #[test]
    fn pages_join_to_the_whole_listing() {
        let index = index(&["a", "a/1", "a/2", "b", "b/x/1", "b0", "c/", "中/文", "中/字", "中心"]);
        for limit in 1..12 {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = index.page(&Query { prefix: "", delimiter: Some("/"), after, limit });
                assert!(page.objects.len() + page.prefixes.len() <= limit);
                seen.extend(page.objects.into_iter().map(|(key, _)| key));
                seen.extend(page.prefixes);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            seen.sort();
            assert_eq!(seen, ["a", "a/", "b", "b/", "b0", "c/", "中/", "中心"], "limit {limit}");
        }
    }

    #[test]
    fn a_prefix_is_not_a_name() {
        let index = index(&["tenantA/1", "tenantA2/1"]);
        let page = index.page(&Query { prefix: "tenantA/", delimiter: None, after: None, limit: 10 });
        assert_eq!(page.objects.len(), 1);
        let before = Some(Cursor::Key("a".to_owned()));
        let page = index.page(&Query { prefix: "tenantA2", delimiter: Some("/"), after: before, limit: 10 });
        assert_eq!(page.prefixes, ["tenantA2/"]);
    }
}
