//! `ListObjects` in both versions, answered from the index in memory.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::*;
use s3s::{S3Result, s3_error};

use super::blocking;
use crate::storage::index::{Cursor, Entry, Page, Query};
use crate::storage::store::Store;
use crate::storage::to_http_time;

/// The most entries of a page, as in S3.
const MAX_KEYS: i32 = 1000;
const URL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');

/// What both versions ask for.
struct Ask {
    bucket: String,
    prefix: String,
    delimiter: Option<String>,
    after: Option<Cursor>,
    max_keys: i32,
    /// Whether names in the answer are percent-encoded.
    url: bool,
}

impl Ask {
    fn new(
        bucket: String,
        prefix: Option<String>,
        delimiter: Option<String>,
        max_keys: Option<i32>,
        encoding: Option<&EncodingType>,
    ) -> S3Result<Self> {
        let max_keys = max_keys.unwrap_or(MAX_KEYS);
        if max_keys < 0 {
            return Err(s3_error!(InvalidArgument, "max-keys is negative"));
        }
        Ok(Self {
            bucket,
            prefix: prefix.unwrap_or_default(),
            delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()),
            after: None,
            max_keys: max_keys.min(MAX_KEYS),
            url: encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL),
        })
    }

    fn name(&self, text: String) -> String {
        if self.url { utf8_percent_encode(&text, URL).to_string() } else { text }
    }

    fn object(&self, (key, entry): (String, Entry)) -> Object {
        Object {
            key: Some(self.name(key)),
            size: i64::try_from(entry.size).ok(),
            e_tag: Some(ETag::Strong(entry.etag)),
            last_modified: Some(to_http_time(entry.modified).into()),
            storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            ..Object::default()
        }
    }

    fn prefix(&self, prefix: String) -> CommonPrefix {
        CommonPrefix { prefix: Some(self.name(prefix)) }
    }
}

async fn page(store: &Arc<Store>, ask: Ask) -> S3Result<(Ask, Page)> {
    let store = Arc::clone(store);
    blocking(move || {
        let bucket = store.bucket(&ask.bucket)?;
        let limit = usize::try_from(ask.max_keys).unwrap_or_default();
        if limit == 0 {
            return Ok((ask, Page::default()));
        }
        let query = Query { prefix: &ask.prefix, delimiter: ask.delimiter.as_deref(), after: ask.after.clone(), limit };
        let page = bucket.page(&query);
        Ok((ask, page))
    })
    .await
}

pub(super) async fn v2(store: &Arc<Store>, input: ListObjectsV2Input) -> S3Result<ListObjectsV2Output> {
    let encoding = input.encoding_type.as_ref();
    let mut ask = Ask::new(input.bucket, input.prefix, input.delimiter, input.max_keys, encoding)?;
    ask.after = match &input.continuation_token {
        Some(token) => Some(parse_token(token).ok_or_else(|| s3_error!(InvalidArgument, "continuation-token"))?),
        None => input.start_after.clone().map(Cursor::Key),
    };
    let (ask, page) = page(store, ask).await?;
    Ok(ListObjectsV2Output {
        key_count: i32::try_from(page.objects.len() + page.prefixes.len()).ok(),
        is_truncated: Some(page.next.is_some()),
        next_continuation_token: page.next.as_ref().map(token),
        contents: Some(page.objects.into_iter().map(|object| ask.object(object)).collect()),
        common_prefixes: Some(page.prefixes.into_iter().map(|prefix| ask.prefix(prefix)).collect()),
        name: Some(ask.bucket.clone()),
        prefix: Some(ask.name(ask.prefix.clone())),
        delimiter: ask.delimiter.clone().map(|delimiter| ask.name(delimiter)),
        max_keys: Some(ask.max_keys),
        continuation_token: input.continuation_token,
        start_after: input.start_after.map(|key| ask.name(key)),
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    })
}

pub(super) async fn v1(store: &Arc<Store>, input: ListObjectsInput) -> S3Result<ListObjectsOutput> {
    let encoding = input.encoding_type.as_ref();
    let mut ask = Ask::new(input.bucket, input.prefix, input.delimiter, input.max_keys, encoding)?;
    // A marker that names a common prefix (as `NextMarker` does) stands for all of its keys.
    ask.after = input.marker.clone().map(|marker| match &ask.delimiter {
        Some(delimiter) if marker.ends_with(delimiter.as_str()) => Cursor::Prefix(marker),
        _ => Cursor::Key(marker),
    });
    let (ask, page) = page(store, ask).await?;
    let next_marker = page.next.clone().map(|(Cursor::Key(text) | Cursor::Prefix(text))| ask.name(text));
    Ok(ListObjectsOutput {
        is_truncated: Some(page.next.is_some()),
        next_marker,
        contents: Some(page.objects.into_iter().map(|object| ask.object(object)).collect()),
        common_prefixes: Some(page.prefixes.into_iter().map(|prefix| ask.prefix(prefix)).collect()),
        name: Some(ask.bucket.clone()),
        prefix: Some(ask.name(ask.prefix.clone())),
        delimiter: ask.delimiter.clone().map(|delimiter| ask.name(delimiter)),
        max_keys: Some(ask.max_keys),
        marker: input.marker.map(|marker| ask.name(marker)),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

/// A continuation token is a cursor in hex, opaque to clients and safe in any query.
fn token(cursor: &Cursor) -> String {
    match cursor {
        Cursor::Key(key) => format!("k{}", hex::encode(key)),
        Cursor::Prefix(prefix) => format!("p{}", hex::encode(prefix)),
    }
}

fn parse_token(token: &str) -> Option<Cursor> {
    let text = |digits| String::from_utf8(hex::decode(digits).ok()?).ok();
    if let Some(digits) = token.strip_prefix('k') {
        return text(digits).map(Cursor::Key);
    }
    text(token.strip_prefix('p')?).map(Cursor::Prefix)
}
