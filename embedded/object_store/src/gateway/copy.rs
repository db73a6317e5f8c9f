//! Copies inside the store: `CopyObject` and `UploadPartCopy`.

use std::fs::File;
use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Result, s3_error};

use super::fields::{attributes, source_conditions};
use super::{blocking, check_version};
use crate::storage::bucket::{Bucket, NewObject, check_key};
use crate::storage::condition::Conditions;
use crate::storage::error::StorageError;
use crate::storage::object_file::Head;
use crate::storage::store::Store;
use crate::storage::to_http_time;
use crate::storage::upload::{copy_draft, part_number};

/// The bucket and key a copy reads.
fn source(source: CopySource) -> S3Result<(String, String)> {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            check_version(version_id.as_deref())?;
            Ok((bucket.into(), key.into()))
        }
        _ => Err(s3_error!(NotImplemented, "copy sources are named /bucket/key")),
    }
}

/// Opens a copy source: for a source, "not modified" is a failed precondition too.
fn open(bucket: &Bucket, key: &str, conditions: &Conditions) -> Result<(File, Head), StorageError> {
    bucket.open_object(key, conditions).map_err(|error| match error {
        StorageError::NotModified => StorageError::PreconditionFailed,
        other => other,
    })
}

pub(super) async fn object(store: &Arc<Store>, input: CopyObjectInput) -> S3Result<CopyObjectOutput> {
    check_key(&input.key)?;
    let (from_bucket, from_key) = source(input.copy_source)?;
    let conditions = source_conditions!(input);
    let replaced = input.metadata_directive.is_some_and(|directive| directive.as_str() == MetadataDirective::REPLACE);
    let replacement = replaced.then(|| attributes!(input));
    let store = Arc::clone(store);
    let head = blocking(move || {
        let (file, from) = open(&*store.bucket(&from_bucket)?, &from_key, &conditions)?;
        let bucket = store.bucket(&input.bucket)?;
        let (draft, digests) = copy_draft(&bucket, &file, 0..from.size)?;
        let attributes = replacement.unwrap_or(from.attributes);
        let object = NewObject { key: input.key, attributes, etag: digests.md5.clone(), upload: None };
        bucket.put(draft, &digests, object, &Conditions::default())
    })
    .await?;
    let result = CopyObjectResult {
        e_tag: Some(ETag::Strong(head.etag)),
        last_modified: Some(to_http_time(head.modified).into()),
        ..CopyObjectResult::default()
    };
    Ok(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() })
}

pub(super) async fn part(store: &Arc<Store>, input: UploadPartCopyInput) -> S3Result<UploadPartCopyOutput> {
    let number = part_number(input.part_number)?;
    let (from_bucket, from_key) = source(input.copy_source)?;
    let range = input.copy_source_range.as_deref().map(Range::parse).transpose();
    let range = range.map_err(|error| s3_error!(error, InvalidArgument))?;
    let conditions = source_conditions!(input);
    let store = Arc::clone(store);
    let part = blocking(move || {
        let (file, from) = open(&*store.bucket(&from_bucket)?, &from_key, &conditions)?;
        let bucket = store.bucket(&input.bucket)?;
        let upload = bucket.upload(&input.upload_id, &input.key)?;
        let Ok(bytes) = range.map_or(Ok(0..from.size), |range| range.check(from.size)) else { return Ok(None) };
        let (draft, digests) = copy_draft(&bucket, &file, bytes)?;
        bucket.put_part(&upload, number, draft, &digests).map(Some)
    })
    .await?
    .ok_or_else(|| s3_error!(InvalidRange))?;
    let result = CopyPartResult {
        e_tag: Some(ETag::Strong(part.etag)),
        last_modified: Some(to_http_time(part.modified).into()),
        ..CopyPartResult::default()
    };
    Ok(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() })
}
