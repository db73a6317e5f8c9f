//! Addresses in the object store that serve one purpose for a short time.

use crate::{File, ObjectStore, ObjectStoreError, Readable};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderMap;
use std::collections::HashMap;

/// Types that a browser would run in the name of the store's origin.
const RUN_BY_BROWSERS: [&str; 6] =
    ["text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript"];

/// A request that whoever holds it may send to the object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPut {
    /// Where to send it.
    pub url: String,
    /// Headers it must have, as they are part of the signature.
    pub headers: Vec<(&'static str, String)>,
}

/// What a signed PUT is bound to.
#[derive(Debug, Clone)]
pub(crate) struct PutTerms<'a> {
    pub(crate) size: i64,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) sha256: Option<&'a [u8]>,
    /// The store's id of the upload and the number, for a part of it.
    pub(crate) part: Option<(&'a str, u32)>,
    pub(crate) seconds: u32,
}

impl ObjectStore {
    /// An address for one PUT of so many bytes.
    pub(crate) async fn sign_put(&self, key: &str, terms: &PutTerms<'_>) -> Result<SignedPut, ObjectStoreError> {
        let mut headers = vec![("content-length", terms.size.to_string())];
        headers.extend(terms.content_type.map(|kind| ("content-type", kind.to_owned())));
        headers.extend(terms.sha256.map(|hash| ("x-amz-checksum-sha256", STANDARD.encode(hash))));
        let mut signed = HeaderMap::new();
        for (name, value) in &headers {
            let value = value.parse().map_err(|_| ObjectStoreError::Unreadable(format!("{name} is no header")))?;
            signed.insert(*name, value);
        }
        let query = terms.part.map(|(id, number)| {
            let pairs = [("partNumber", number.to_string()), ("uploadId", id.to_owned())];
            HashMap::from(pairs.map(|(name, value)| (name.to_owned(), value)))
        });
        let url = self.public.presign_put(key, terms.seconds, Some(signed), query).await?;
        Ok(SignedPut { url, headers })
    }

    /// An address under which a file's bytes can be read, with the headers that the store shall answer with.
    pub async fn sign_get(
        &self,
        right: &Readable,
        file: &File,
        disposition: &str,
        seconds: u32,
    ) -> Result<String, ObjectStoreError> {
        let overrides = [
            ("response-content-disposition", disposition.to_owned()),
            ("response-content-type", harmless(&file.content_type).to_owned()),
            ("response-cache-control", "private, no-store".to_owned()),
        ];
        let query = HashMap::from(overrides.map(|(name, value)| (name.to_owned(), value)));
        Ok(self.public.presign_get(right.key(), seconds, Some(query)).await?)
    }
}

/// The media type as the store may tell it: its answers have no policy that would keep a program in a file from running.
fn harmless(content_type: &str) -> &str {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if RUN_BY_BROWSERS.contains(&essence) { "application/octet-stream" } else { content_type }
}
