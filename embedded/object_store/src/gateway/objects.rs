//! Operations on single objects.

use std::fs::File;
use std::io::SeekFrom;
use std::ops::Range as Bytes;
use std::sync::Arc;

#[expect(clippy::wildcard_imports, reason = "the protocol types have speaking names")]
use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::body::{self, Promise};
use super::{blocking, check_version};
use crate::storage::bucket::{NewObject, check_key};
use crate::storage::condition::Conditions;
use crate::storage::object_file::{Attributes, Head};
use crate::storage::store::Store;
use crate::storage::to_http_time;

/// Bytes read from the disk at a time.
const CHUNK: usize = 128 * 1024;
/// The most keys one `DeleteObjects` may name, as in S3.
const MAX_DELETES: usize = 1000;

pub(super) async fn put(store: &Arc<Store>, req: S3Request<PutObjectInput>) -> S3Result<PutObjectOutput> {
    let trailer = req.headers.get("x-amz-trailer").and_then(|value| value.to_str().ok());
    let announced = trailer.unwrap_or_default().to_ascii_lowercase();
    let input = req.input;
    check_key(&input.key)?;
    let promise = Promise {
        length: input.content_length,
        md5: input.content_md5,
        checksums: Checksum {
            checksum_crc32: input.checksum_crc32,
            checksum_crc32c: input.checksum_crc32c,
            checksum_crc64nvme: input.checksum_crc64nvme,
            checksum_sha1: input.checksum_sha1,
            checksum_sha256: input.checksum_sha256,
            checksum_type: None,
        },
        trailers: req.trailing_headers,
        announced,
    };
    let attributes = Attributes {
        content_type: input.content_type,
        cache_control: input.cache_control,
        content_disposition: input.content_disposition,
        content_encoding: without_aws_chunked(input.content_encoding),
        content_language: input.content_language,
        metadata: input.metadata.unwrap_or_default().into_iter().collect(),
    };
    let conditions =
        Conditions { if_match: input.if_match, if_none_match: input.if_none_match, ..Conditions::default() };
    let store = Arc::clone(store);
    let bucket = blocking(move || store.bucket(&input.bucket)).await?;
    let (draft, digests) = body::receive(bucket.tmp(), input.body, promise).await?;
    let checksums = digests.checksums.clone();
    let object = NewObject { key: input.key, attributes, etag: digests.md5.clone(), upload: None };
    let head = blocking(move || bucket.put(draft, &digests, object, &conditions)).await?;
    Ok(PutObjectOutput {
        e_tag: Some(ETag::Strong(head.etag)),
        checksum_crc32: checksums.checksum_crc32,
        checksum_crc32c: checksums.checksum_crc32c,
        checksum_crc64nvme: checksums.checksum_crc64nvme,
        checksum_sha1: checksums.checksum_sha1,
        checksum_sha256: checksums.checksum_sha256,
        ..PutObjectOutput::default()
    })
}

/// `aws-chunked` names the framing of the request, not of the object.
pub(super) fn without_aws_chunked(encoding: Option<String>) -> Option<String> {
    let encoding = encoding?;
    let kept: Vec<&str> =
        encoding.split(',').map(str::trim).filter(|coding| !coding.eq_ignore_ascii_case("aws-chunked")).collect();
    if kept.is_empty() { None } else { Some(kept.join(",")) }
}

pub(super) async fn get(store: &Arc<Store>, input: GetObjectInput) -> S3Result<GetObjectOutput> {
    check_version(input.version_id.as_deref())?;
    let conditions = Conditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    let (file, head) = open(store, input.bucket, input.key, conditions).await?;
    let (bytes, content_range) = select(input.range, head.size)?;
    let content_length = content_length(&bytes)?;
    let attributes = head.attributes;
    Ok(GetObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        body: Some(stream(file, bytes).await?),
        content_length: Some(content_length),
        content_range,
        content_type: Some(content_type(attributes.content_type)),
        cache_control: attributes.cache_control,
        content_disposition: attributes.content_disposition,
        content_encoding: attributes.content_encoding,
        content_language: attributes.content_language,
        metadata: Some(attributes.metadata.into_iter().collect()),
        e_tag: Some(ETag::Strong(head.etag)),
        last_modified: Some(to_http_time(head.modified).into()),
        ..GetObjectOutput::default()
    })
}

pub(super) async fn head(store: &Arc<Store>, input: HeadObjectInput) -> S3Result<HeadObjectOutput> {
    check_version(input.version_id.as_deref())?;
    let conditions = Conditions {
        if_match: input.if_match,
        if_none_match: input.if_none_match,
        if_modified_since: input.if_modified_since,
        if_unmodified_since: input.if_unmodified_since,
    };
    let (_, head) = open(store, input.bucket, input.key, conditions).await?;
    let (bytes, content_range) = select(input.range, head.size)?;
    let content_length = content_length(&bytes)?;
    let attributes = head.attributes;
    Ok(HeadObjectOutput {
        accept_ranges: Some("bytes".to_owned()),
        content_length: Some(content_length),
        content_range,
        content_type: Some(content_type(attributes.content_type)),
        cache_control: attributes.cache_control,
        content_disposition: attributes.content_disposition,
        content_encoding: attributes.content_encoding,
        content_language: attributes.content_language,
        metadata: Some(attributes.metadata.into_iter().collect()),
        e_tag: Some(ETag::Strong(head.etag)),
        last_modified: Some(to_http_time(head.modified).into()),
        ..HeadObjectOutput::default()
    })
}

fn content_type(stored: Option<String>) -> String {
    stored.unwrap_or_else(|| "application/octet-stream".to_owned())
}

fn content_length(bytes: &Bytes<u64>) -> S3Result<i64> {
    i64::try_from(bytes.end - bytes.start).map_err(|error| s3_error!(error, InternalError))
}

async fn open(store: &Arc<Store>, bucket: String, key: String, conditions: Conditions) -> S3Result<(File, Head)> {
    let store = Arc::clone(store);
    blocking(move || store.bucket(&bucket)?.open_object(&key, &conditions)).await
}

/// The bytes a range header asks for, and the `Content-Range` that says so.
fn select(range: Option<Range>, size: u64) -> S3Result<(Bytes<u64>, Option<String>)> {
    let Some(range) = range else { return Ok((0..size, None)) };
    let bytes = range.check(size).map_err(|error| s3_error!(error, InvalidRange))?;
    if bytes.is_empty() {
        return Err(s3_error!(InvalidRange));
    }
    let content_range = format!("bytes {}-{}/{size}", bytes.start, bytes.end - 1);
    Ok((bytes, Some(content_range)))
}

/// Reads the bytes as the client takes them. The open file stays whole even if the object is overwritten meanwhile.
async fn stream(file: File, bytes: Bytes<u64>) -> S3Result<StreamingBlob> {
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
    let results = blocking(move || {
        let bucket = store.bucket(&input.bucket)?;
        let delete = |object: ObjectIdentifier| {
            let conditions = Conditions { if_match: object.e_tag.map(ETagCondition::ETag), ..Conditions::default() };
            let result = bucket.delete(&object.key, &conditions);
            (object.key, result)
        };
        Ok(input.delete.objects.into_iter().map(delete).collect::<Vec<_>>())
    })
    .await?;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (key, result) in results {
        match result.map_err(s3s::S3Error::from) {
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
