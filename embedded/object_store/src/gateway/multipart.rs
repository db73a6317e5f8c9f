//! Multipart uploads.

use std::ops::Bound;
use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::fields::{attributes, promise, stored, write_conditions};
use super::{blocking, body};
use crate::storage::bucket::check_key;
use crate::storage::error::StorageError;
use crate::storage::store::Store;
use crate::storage::to_http_time;
use crate::storage::upload::part_number;

/// The most entries of a page, as in S3.
const MAX_ENTRIES: i32 = 1000;

pub(super) async fn create(
    store: &Arc<Store>,
    input: CreateMultipartUploadInput,
) -> S3Result<CreateMultipartUploadOutput> {
    check_key(&input.key)?;
    let attributes = attributes!(input);
    let store = Arc::clone(store);
    let (bucket, key) = (input.bucket.clone(), input.key.clone());
    let id = blocking(move || store.bucket(&bucket)?.create_upload(key, attributes)).await?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        ..CreateMultipartUploadOutput::default()
    })
}

pub(super) async fn upload_part(store: &Arc<Store>, req: S3Request<UploadPartInput>) -> S3Result<UploadPartOutput> {
    let input = req.input;
    let number = part_number(input.part_number)?;
    let promise = promise!(input, req.headers, req.trailing_headers);
    let store = Arc::clone(store);
    let (bucket, upload) = blocking(move || {
        let bucket = store.bucket(&input.bucket)?;
        let upload = bucket.upload(&input.upload_id, &input.key)?;
        Ok((bucket, upload))
    })
    .await?;
    let (draft, digests) = body::receive(bucket.tmp(), input.body, promise).await?;
    let checksums = digests.checksums.clone();
    let part = blocking(move || bucket.put_part(&upload, number, draft, &digests)).await?;
    Ok(stored!(UploadPartOutput, part.etag, checksums))
}

pub(super) async fn list_parts(store: &Arc<Store>, input: ListPartsInput) -> S3Result<ListPartsOutput> {
    let limit = page_limit(input.max_parts)?;
    let after = u16::try_from(input.part_number_marker.unwrap_or_default()).unwrap_or(u16::MAX);
    let store = Arc::clone(store);
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id.clone());
    let parts = blocking(move || Ok(store.bucket(&bucket)?.upload(&id, &key)?.parts())).await?;
    let mut rest = parts.range((Bound::Excluded(after), Bound::Unbounded));
    let page: Vec<Part> = rest
        .by_ref()
        .take(limit)
        .map(|(number, part)| Part {
            part_number: Some(i32::from(*number)),
            e_tag: Some(ETag::Strong(part.etag.clone())),
            size: i64::try_from(part.size).ok(),
            last_modified: Some(to_http_time(part.modified).into()),
            ..Part::default()
        })
        .collect();
    let is_truncated = limit > 0 && rest.next().is_some();
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        max_parts: i32::try_from(limit).ok(),
        part_number_marker: Some(i32::from(after)),
        next_part_number_marker: page.last().and_then(|part| part.part_number).filter(|_| is_truncated),
        is_truncated: Some(is_truncated),
        parts: Some(page),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        ..ListPartsOutput::default()
    })
}

pub(super) async fn list_uploads(
    store: &Arc<Store>,
    input: ListMultipartUploadsInput,
) -> S3Result<ListMultipartUploadsOutput> {
    if input.delimiter.as_ref().is_some_and(|delimiter| !delimiter.is_empty()) {
        return Err(s3_error!(NotImplemented, "ListMultipartUploads with a delimiter"));
    }
    let limit = page_limit(input.max_uploads)?;
    let store = Arc::clone(store);
    let bucket = input.bucket.clone();
    let uploads = blocking(move || Ok(store.bucket(&bucket)?.list_uploads())).await?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let key_marker = input.key_marker.clone().unwrap_or_default();
    let id_marker = input.upload_id_marker.clone();
    let mut rest = uploads.into_iter().filter(|upload| {
        let (key, id) = (&upload.manifest.key, &upload.id);
        let later_id = id_marker.as_ref().is_some_and(|marker| *key == key_marker && id > marker);
        key.starts_with(&prefix) && (*key > key_marker || later_id)
    });
    let page: Vec<MultipartUpload> = rest
        .by_ref()
        .take(limit)
        .map(|upload| MultipartUpload {
            key: Some(upload.manifest.key.clone()),
            upload_id: Some(upload.id.clone()),
            initiated: Some(to_http_time(upload.manifest.initiated).into()),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..MultipartUpload::default()
        })
        .collect();
    let is_truncated = limit > 0 && rest.next().is_some();
    let last = page.last().filter(|_| is_truncated).cloned().unwrap_or_default();
    Ok(ListMultipartUploadsOutput {
        bucket: Some(input.bucket),
        prefix: input.prefix,
        key_marker: input.key_marker,
        upload_id_marker: input.upload_id_marker,
        max_uploads: i32::try_from(limit).ok(),
        is_truncated: Some(is_truncated),
        next_key_marker: last.key,
        next_upload_id_marker: last.upload_id,
        uploads: Some(page),
        ..ListMultipartUploadsOutput::default()
    })
}

fn page_limit(asked: Option<i32>) -> S3Result<usize> {
    let limit = asked.unwrap_or(MAX_ENTRIES).min(MAX_ENTRIES);
    usize::try_from(limit).map_err(|error| s3_error!(error, InvalidArgument, "a negative limit"))
}

pub(super) async fn complete(
    store: &Arc<Store>,
    input: CompleteMultipartUploadInput,
) -> S3Result<CompleteMultipartUploadOutput> {
    let listed = input.multipart_upload.and_then(|list| list.parts).unwrap_or_default();
    let mut wanted = Vec::with_capacity(listed.len());
    for part in listed {
        let (Some(number), Some(etag)) = (part.part_number, part.e_tag) else { return Err(s3_error!(MalformedXML)) };
        wanted.push((part_number(number)?, etag.into_value()));
    }
    let conditions = write_conditions!(input);
    let store = Arc::clone(store);
    let (bucket_name, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
    let head = blocking(move || {
        let bucket = store.bucket(&bucket_name)?;
        let done = match bucket.upload(&id, &key) {
            Ok(upload) => bucket.complete_upload(&upload, &wanted, &conditions),
            Err(error) => Err(error),
        };
        match done {
            Err(StorageError::NoSuchUpload) => bucket.completed(&id, &key),
            other => other,
        }
    })
    .await?;
    Ok(CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(ETag::Strong(head.etag)),
        ..CompleteMultipartUploadOutput::default()
    })
}

pub(super) async fn abort(
    store: &Arc<Store>,
    input: AbortMultipartUploadInput,
) -> S3Result<AbortMultipartUploadOutput> {
    let store = Arc::clone(store);
    blocking(move || {
        let bucket = store.bucket(&input.bucket)?;
        bucket.abort_upload(&*bucket.upload(&input.upload_id, &input.key)?)
    })
    .await?;
    Ok(AbortMultipartUploadOutput::default())
}
