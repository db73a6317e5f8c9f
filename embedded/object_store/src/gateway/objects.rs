//! Operations on single objects.

use std::fs::File;
use std::io::SeekFrom;
use std::ops::Range as Bytes;
use std::sync::Arc;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::body;
use super::fields::{attributes, described, promise, read_conditions, stored, write_conditions};
use super::{blocking, check_version};
use crate::storage::bucket::{NewObject, check_key};
use crate::storage::condition::Conditions;
use crate::storage::object_file::Head;
use crate::storage::store::Store;

/// Bytes read from the disk at a time.
const CHUNK: usize = 128 * 1024;
/// The most keys one `DeleteObjects` may name, as in S3.
const MAX_DELETES: usize = 1000;
const DELETES_AT_ONCE: usize = 16;

pub(super) async fn put(store: &Arc<Store>, req: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
    let input = req.input;
    check_key(&input.key)?;
    let promise = promise!(input, req.headers, req.trailing_headers);
    let attributes = attributes!(input);
    let conditions = write_conditions!(input);
    let store = Arc::clone(store);
    let bucket = blocking(move || store.bucket(&input.bucket)).await?;
    let (draft, digests) = body::receive(bucket.tmp(), input.body, promise).await?;
    let checksums = digests.checksums.clone();
    let object = NewObject { key: input.key, attributes, etag: digests.md5.clone(), upload: None };
    let head = blocking(move || bucket.put(draft, &digests, object, &conditions)).await?;
    Ok(stored!(PutObjectOutput, head.etag, checksums))
}

pub(super) async fn get(store: &Arc<Store>, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    check_version(input.version_id.as_deref())?;
    let conditions = read_conditions!(input);
    let (file, head) = open(store, input.bucket, input.key, conditions).await?;
    let selected = select(input.range, head.size)?;
    let body = Some(read(file, &selected.bytes).await?);
    Ok(GetObjectOutput { body, ..described!(GetObjectOutput, head, selected) })
}

pub(super) async fn head(store: &Arc<Store>, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
    check_version(input.version_id.as_deref())?;
    let conditions = read_conditions!(input);
    let (_, head) = open(store, input.bucket, input.key, conditions).await?;
    let selected = select(input.range, head.size)?;
    Ok(described!(HeadObjectOutput, head, selected))
}

async fn open(store: &Arc<Store>, bucket: String, key: String, conditions: Conditions) -> S3Result<(File, Head)> {
    let store = Arc::clone(store);
    blocking(move || store.bucket(&bucket)?.open_object(&key, &conditions)).await
}

/// The part of an object that is asked for.
struct Selected {
    bytes: Bytes<u64>,
    length: i64,
    /// Set if a range was asked for.
    content_range: Option<String>,
}

fn select(range: Option<Range>, size: u64) -> S3Result<Selected> {
    let bytes = match &range {
        None => 0..size,
        Some(range) => range.check(size).map_err(|error| s3_error!(error, InvalidRange))?,
    };
    let length = i64::try_from(bytes.end - bytes.start).map_err(|error| s3_error!(error, InternalError))?;
    if range.is_none() {
        return Ok(Selected { bytes, length, content_range: None });
    }
    // "The last n bytes" of an empty object.
    if length == 0 {
        return Err(s3_error!(InvalidRange));
    }
    let content_range = Some(format!("bytes {}-{}/{size}", bytes.start, bytes.end - 1));
    Ok(Selected { bytes, length, content_range })
}

/// Reads the bytes as the client takes them. The open file stays whole even if the object is overwritten meanwhile.
async fn read(file: File, bytes: &Bytes<u64>) -> S3Result<StreamingBlob> {
    let mut file = tokio::fs::File::from_std(file);
    if bytes.start > 0 {
        file.seek(SeekFrom::Start(bytes.start)).await.map_err(|error| s3_error!(error, InternalError))?;
    }
    Ok(StreamingBlob::wrap(ReaderStream::with_capacity(file.take(bytes.end - bytes.start), CHUNK)))
}

pub(super) async fn delete(store: &Arc<Store>, input: DeleteObjectInput) -> S3Result<DeleteObjectOutput> {
    check_version(input.version_id.as_deref())?;
    let conditions = Conditions { if_match: input.if_match, ..Conditions::default() };
    let store = Arc::clone(store);
    blocking(move || store.bucket(&input.bucket)?.delete(&input.key, &conditions)).await?;
    Ok(DeleteObjectOutput::default())
}

pub(super) async fn delete_many(store: &Arc<Store>, input: DeleteObjectsInput) -> S3Result<DeleteObjectsOutput> {
    if input.delete.objects.len() > MAX_DELETES {
        return Err(s3_error!(MalformedXML, "at most {MAX_DELETES} keys"));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let store = Arc::clone(store);
    let bucket = blocking(move || store.bucket(&input.bucket)).await?;
    // Side by side they share the journal's fsyncs.
    let results: Vec<_> = stream::iter(input.delete.objects)
        .map(|object| {
            let (bucket, key) = (Arc::clone(&bucket), object.key.clone());
            let conditions = Conditions { if_match: object.e_tag.map(ETagCondition::ETag), ..Conditions::default() };
            let deleted = blocking(move || bucket.delete(&key, &conditions));
            deleted.map(|result| (object.key, result))
        })
        .buffered(DELETES_AT_ONCE)
        .collect()
        .await;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (key, result) in results {
        match result {
            Ok(()) if quiet => {}
            Ok(()) => deleted.push(DeletedObject { key: Some(key), ..DeletedObject::default() }),
            Err(error) => errors.push(Error {
                key: Some(key),
                code: Some(error.code().as_str().to_owned()),
                message: error.message().map(str::to_owned),
                version_id: None,
            }),
        }
    }
    Ok(DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), request_charged: None })
}
