//! Objects that come to the store in parts, or under a signed address.

use crate::{ObjectStore, ObjectStoreError, spool::Loaded};
use s3::{error::S3Error, serde_types::Part};
use serde::Deserialize;
use std::collections::HashMap;

/// What the store calls every object; the media type is the platform's to tell.
pub(crate) const CONTENT_TYPE: &str = "application/octet-stream";

/// A part in the store.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct StoredPart {
    #[serde(rename = "PartNumber")]
    pub(crate) number: u32,
    #[serde(rename = "ETag")]
    pub(crate) etag: String,
    #[serde(rename = "Size")]
    pub(crate) size: i64,
}

/// One page of the store's list of parts.
#[derive(Debug, Deserialize)]
#[serde(rename = "ListPartsResult")]
struct PartList {
    #[serde(rename = "IsTruncated", default)]
    truncated: bool,
    #[serde(rename = "Part", default)]
    parts: Vec<StoredPart>,
}

/// An upload in parts that is not joined yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unjoined {
    pub(crate) key: String,
    pub(crate) id: String,
}

impl ObjectStore {
    /// Bytes of an object; none if it is not there.
    pub(crate) async fn size(&self, key: &str) -> Result<Option<i64>, ObjectStoreError> {
        match self.bucket.head_object(key).await.map_err(ObjectStoreError::from) {
            Ok((head, _)) => Ok(Some(head.content_length.unwrap_or_default())),
            Err(ObjectStoreError::Missing) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Copies an object inside the store.
    pub(crate) async fn copy(&self, from: &str, to: &str) -> Result<(), ObjectStoreError> {
        self.patient.copy_object_internal(from, to).await?;
        Ok(())
    }

    /// Begins an object that comes in parts; returns the store's id of the upload.
    pub(crate) async fn begin_parts(&self, key: &str) -> Result<String, ObjectStoreError> {
        Ok(self.bucket.initiate_multipart_upload(key, CONTENT_TYPE).await?.upload_id)
    }

    /// Stores a part; returns its `ETag`.
    pub(crate) async fn put_part(
        &self,
        key: &str,
        id: &str,
        number: u32,
        loaded: Loaded,
    ) -> Result<String, ObjectStoreError> {
        let Loaded { bytes, .. } = loaded;
        Ok(self.bucket.put_multipart_chunk(bytes, key, number, id, CONTENT_TYPE).await?.etag)
    }

    /// The parts that are there, by number.
    pub(crate) async fn list_parts(&self, key: &str, id: &str) -> Result<Vec<StoredPart>, ObjectStoreError> {
        let mut parts: Vec<StoredPart> = Vec::new();
        loop {
            let after = parts.last().map_or(0, |part| part.number);
            let query = [("uploadId", id.to_owned()), ("part-number-marker", after.to_string())];
            let query = HashMap::from(query.map(|(name, value)| (name.to_owned(), value)));
            let answer = self.bucket.with_extra_query(query)?.get_object(key).await?;
            let text = answer.to_string().map_err(|error| ObjectStoreError::Unreadable(error.to_string()))?;
            let page = read_parts(&text)?;
            let ended = !page.truncated || page.parts.is_empty();
            parts.extend(page.parts);
            if ended {
                return Ok(parts);
            }
        }
    }

    /// Joins the parts to the object. Joined before, with the answer lost, is a success.
    pub(crate) async fn join_parts(
        &self,
        key: &str,
        id: &str,
        parts: Vec<(u32, String)>,
    ) -> Result<(), ObjectStoreError> {
        let parts = parts.into_iter().map(|(part_number, etag)| Part { part_number, etag }).collect();
        let joined = self.patient.complete_multipart_upload(key, id, parts).await;
        match joined.map_err(ObjectStoreError::from) {
            Err(ObjectStoreError::Missing) if self.size(key).await?.is_some() => Ok(()),
            Err(ObjectStoreError::Failed(S3Error::HttpFailWithBody(400, _))) => Err(ObjectStoreError::Refused),
            other => other.map(drop),
        }
    }

    /// Gives up the parts of an upload; one that is not there is a success.
    pub(crate) async fn abort_parts(&self, upload: &Unjoined) -> Result<(), ObjectStoreError> {
        match self.bucket.abort_upload(&upload.key, &upload.id).await.map_err(ObjectStoreError::from) {
            Ok(()) | Err(ObjectStoreError::Missing) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// All uploads in parts that are not joined yet.
    pub(crate) async fn unjoined(&self) -> Result<Vec<Unjoined>, ObjectStoreError> {
        let pages = self.bucket.list_multiparts_uploads(None, None).await?;
        let uploads = pages.into_iter().flat_map(|page| page.uploads);
        Ok(uploads.map(|upload| Unjoined { key: upload.key, id: upload.id }).collect())
    }
}

fn read_parts(text: &str) -> Result<PartList, ObjectStoreError> {
    quick_xml::de::from_str(text).map_err(|error| ObjectStoreError::Unreadable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_parts_are_read_as_stores_write_them() {
        let text = r#"<?xml version="1.0" encoding="UTF-8"?>
            <ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>b</Bucket><Key>k</Key>
            <Owner><ID>x</ID></Owner><IsTruncated>true</IsTruncated>
            <Part><PartNumber>1</PartNumber><LastModified>2026-01-01T00:00:00.000Z</LastModified>
            <ETag>&quot;abc&quot;</ETag><Size>5242880</Size></Part>
            <Part><PartNumber>2</PartNumber><ETag>"def"</ETag><Size>7</Size></Part></ListPartsResult>"#;
        let list = read_parts(text).unwrap();
        let part = |number, etag: &str, size| StoredPart { number, etag: etag.to_owned(), size };
        assert!(list.truncated);
        assert_eq!(list.parts, [part(1, "\"abc\"", 5_242_880), part(2, "\"def\"", 7)]);
        let empty = read_parts("<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>").unwrap();
        assert!(!empty.truncated && empty.parts.is_empty());
        assert!(read_parts("<Error><Code>NoSuchUpload</Code>").is_err());
    }
}
