//! Operations on buckets.

use std::sync::Arc;

use s3s::S3Result;
use s3s::dto::*;

use super::{REGION, blocking};
use crate::storage::store::Store;
use crate::storage::to_http_time;

pub(super) async fn create(store: &Arc<Store>, input: CreateBucketInput) -> S3Result<CreateBucketOutput> {
    let store = Arc::clone(store);
    let location = format!("/{}", input.bucket);
    blocking(move || store.create_bucket(&input.bucket)).await?;
    Ok(CreateBucketOutput { location: Some(location) })
}

pub(super) async fn head(store: &Arc<Store>, input: HeadBucketInput) -> S3Result<HeadBucketOutput> {
    exists(store, input.bucket).await?;
    Ok(HeadBucketOutput { bucket_region: Some(REGION.to_owned()), ..HeadBucketOutput::default() })
}

pub(super) async fn location(store: &Arc<Store>, input: GetBucketLocationInput) -> S3Result<GetBucketLocationOutput> {
    exists(store, input.bucket).await?;
    Ok(GetBucketLocationOutput { location_constraint: Some(REGION.to_owned().into()) })
}

async fn exists(store: &Arc<Store>, bucket: String) -> S3Result<()> {
    let store = Arc::clone(store);
    blocking(move || store.bucket(&bucket)).await.map(drop)
}

pub(super) async fn list(store: &Arc<Store>) -> S3Result<ListBucketsOutput> {
    let store = Arc::clone(store);
    let buckets = blocking(move || Ok(store.list())).await?;
    let bucket = |(name, created)| Bucket {
        name: Some(name),
        creation_date: Some(to_http_time(created).into()),
        bucket_region: Some(REGION.to_owned()),
    };
    Ok(ListBucketsOutput { buckets: Some(buckets.into_iter().map(bucket).collect()), ..ListBucketsOutput::default() })
}

pub(super) async fn delete(store: &Arc<Store>, input: DeleteBucketInput) -> S3Result<DeleteBucketOutput> {
    let store = Arc::clone(store);
    blocking(move || store.delete_bucket(&input.bucket)).await?;
    Ok(DeleteBucketOutput {})
}
