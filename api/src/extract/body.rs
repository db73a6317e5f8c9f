//! Reading a whole body, within a size and a time.

use crate::{
    edge::Deadlines,
    problem::{Problem, edge},
};
use actix_web::{
    HttpMessage, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::{CONTENT_LENGTH, TRANSFER_ENCODING},
    web::BytesMut,
};
use bytes::Bytes;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};

/// Left in the request's extensions when its body was read: SHA-256 of the raw bytes, for the fingerprint of an
/// `Idempotency-Key`.
#[derive(Debug, Clone, Copy)]
pub struct BodyDigest(pub [u8; 32]);

/// Whether the request announces no body, or an empty one.
pub(crate) fn is_bodiless(request: &HttpRequest) -> bool {
    let length = request.headers().get(CONTENT_LENGTH);
    length.is_none_or(|length| length == "0") && !request.headers().contains_key(TRANSFER_ENCODING)
}

/// Reads the raw body of at most `limit` bytes within the time for a body.
pub async fn read_body(request: &HttpRequest, payload: &mut Payload, limit: usize) -> Result<Bytes, Problem> {
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > u64::try_from(limit).unwrap_or(u64::MAX)) {
        return Err(too_large(limit));
    }
    let body = tokio::time::timeout(Deadlines::of(request).body, collect(payload, limit))
        .await
        .map_err(|_| Problem::new(edge::REQUEST_TIMEOUT))??;
    request.extensions_mut().insert(BodyDigest(Sha256::digest(&body).into()));
    Ok(body)
}

async fn collect(payload: &mut Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| refused(&error, limit))?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn refused(error: &PayloadError, limit: usize) -> Problem {
    match error {
        PayloadError::Overflow => too_large(limit),
        _ => edge::MALFORMED_REQUEST.into(),
    }
}

fn too_large(limit: usize) -> Problem {
    edge::BODY_TOO_LARGE.with("limit_bytes", limit)
}
