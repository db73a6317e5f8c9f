//! Receiving a request body into a draft, in constant memory, and checking it against what the client promised.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::StreamExt as _;
use s3s::dto::{Checksum, StreamingBlob};
use s3s::{S3Error, S3ErrorCode, S3Result, StdError, TrailingHeaders, s3_error};

use super::blocking;
use crate::storage::draft::{Digests, Draft};

/// Bytes gathered before the disk is asked; also about the memory one upload takes.
const CHUNK: usize = 256 * 1024;
/// The most one PUT may carry, as in S3.
const MAX_BODY: u64 = 5 * 1024 * 1024 * 1024;
/// A client that sends nothing for so long is cut off.
const IDLE: Duration = Duration::from_mins(1);

/// What the client said of its body.
#[derive(Default)]
pub(super) struct Promise {
    pub(super) length: Option<i64>,
    /// Base64.
    pub(super) md5: Option<String>,
    /// Base64; from headers.
    pub(super) checksums: Checksum,
    /// Checksums that follow the body; their names are in `announced`.
    pub(super) trailers: Option<TrailingHeaders>,
    pub(super) announced: String,
}

impl Promise {
    /// The checksums to compute: the field of each wanted algorithm is set.
    fn wanted(&self) -> Checksum {
        let mut wanted = self.checksums.clone();
        for (name, field) in fields(&mut wanted) {
            if self.announced.contains(name) {
                field.get_or_insert_default();
            }
        }
        wanted
    }

    /// Adds the checksums that came behind the body.
    fn take_trailers(&mut self) {
        let Some(trailers) = self.trailers.as_ref().and_then(TrailingHeaders::take) else { return };
        for (name, field) in fields(&mut self.checksums) {
            if let Some(value) = trailers.get(name).and_then(|value| value.to_str().ok()) {
                *field = Some(value.to_owned());
            }
        }
    }

    fn check(&mut self, digests: &Digests) -> S3Result<()> {
        self.take_trailers();
        if self.length.is_some_and(|length| u64::try_from(length) != Ok(digests.size)) {
            return Err(s3_error!(IncompleteBody));
        }
        let md5 = self.md5.as_ref().map(|md5| BASE64.decode(md5)).transpose();
        let md5 = md5.map_err(|error| s3_error!(error, InvalidDigest))?.map(hex::encode);
        let mut computed = digests.checksums.clone();
        let differs = fields(&mut self.checksums)
            .into_iter()
            .zip(fields(&mut computed))
            .any(|((_, promised), (_, computed))| promised.is_some() && promised != computed);
        if differs || md5.is_some_and(|md5| md5 != digests.md5) {
            return Err(s3_error!(BadDigest));
        }
        Ok(())
    }
}

fn fields(checksum: &mut Checksum) -> [(&'static str, &mut Option<String>); 5] {
    [
        ("x-amz-checksum-crc32", &mut checksum.checksum_crc32),
        ("x-amz-checksum-crc32c", &mut checksum.checksum_crc32c),
        ("x-amz-checksum-crc64nvme", &mut checksum.checksum_crc64nvme),
        ("x-amz-checksum-sha1", &mut checksum.checksum_sha1),
        ("x-amz-checksum-sha256", &mut checksum.checksum_sha256),
    ]
}

/// Writes the body to a draft in `dir` and checks it. If anything is wrong, nothing is left behind.
pub(super) async fn receive(
    dir: PathBuf,
    body: Option<StreamingBlob>,
    mut promise: Promise,
) -> S3Result<(Draft, Digests)> {
    if promise.length.is_some_and(|length| u64::try_from(length).is_ok_and(|length| length > MAX_BODY)) {
        return Err(s3_error!(EntityTooLarge));
    }
    let wanted = promise.wanted();
    let mut draft = blocking(move || Ok(Draft::create(&dir, &wanted)?)).await?;
    let mut received = 0_u64;
    let mut buffer = Vec::with_capacity(CHUNK);
    if let Some(mut body) = body {
        while let Some(chunk) = tokio::time::timeout(IDLE, body.next()).await.map_err(|_| s3_error!(RequestTimeout))? {
            let chunk = chunk.map_err(broken_body)?;
            received = received.saturating_add(chunk.len() as u64);
            if received > MAX_BODY {
                return Err(s3_error!(EntityTooLarge));
            }
            buffer.extend_from_slice(&chunk);
            if buffer.len() >= CHUNK {
                (draft, buffer) = write(draft, buffer).await?;
            }
        }
    }
    let (mut draft, _) = write(draft, buffer).await?;
    let digests = draft.digests();
    promise.check(&digests)?;
    Ok((draft, digests))
}

async fn write(mut draft: Draft, mut buffer: Vec<u8>) -> S3Result<(Draft, Vec<u8>)> {
    blocking(move || {
        draft.write(&buffer)?;
        buffer.clear();
        Ok((draft, buffer))
    })
    .await
}

/// s3s checks signed chunks and payload hashes while the body flows, but keeps the types of those errors to itself;
/// their names stand in the message.
fn broken_body(error: StdError) -> S3Error {
    let text = error.to_string();
    let code = if text.contains("Sha256Mismatch") {
        S3ErrorCode::BadDigest
    } else if text.contains("SignatureMismatch") {
        S3ErrorCode::SignatureDoesNotMatch
    } else {
        S3ErrorCode::IncompleteBody
    };
    S3Error::with_source(code, error)
}
