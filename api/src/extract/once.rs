//! `Idempotency-Key`.

use super::{BodyDigest, Caller, gate, query};
use crate::{
    edge::RequestContext,
    problem::{Occurrence, Problem, edge},
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_TYPE, HeaderValue},
};
use db::idempotency::IdempotencyKey;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;

const HEADER: &str = "idempotency-key";
const MAX_LENGTH: usize = 255;

/// The caller's `Idempotency-Key`, if there is one.
#[derive(Debug)]
pub struct Once {
    key: Option<String>,
    request: HttpRequest,
}

impl Once {
    /// What the answer is kept under. To be asked for after all extractors are done, since the body is part of it.
    pub fn key(&self, caller: &impl Caller) -> Option<IdempotencyKey> {
        let key = self.key.clone()?;
        Some(IdempotencyKey {
            principal: caller.credential(),
            method: self.request.method().to_string(),
            route: self.request.match_pattern().unwrap_or_default(),
            key,
            fingerprint: self.fingerprint(),
        })
    }

    /// How a problem of this request is told, for one that is kept.
    pub fn occurrence(&self) -> Occurrence {
        RequestContext::of(&self.request).occurrence(&self.request)
    }

    fn fingerprint(&self) -> [u8; 32] {
        let request = &self.request;
        let content_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        let body =
            request.extensions().get::<BodyDigest>().map_or_else(|| Sha256::digest([]).into(), |digest| digest.0);
        let query = query::canonical(request.query_string());
        let parts =
            [request.method().as_str().as_bytes(), request.path().as_bytes(), query.as_bytes(), content_type, &body];
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// The header of operations that take [`RequiredOnce`], for `params(RequiredKey, ...)` of their documentation.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only documents what RequiredOnce reads")]
pub struct RequiredKey {
    /// A new unique key for each operation; a repetition sends the same one and takes effect once.
    #[serde(rename = "Idempotency-Key")]
    #[param(min_length = 1, max_length = 255)]
    key: String,
}

/// The caller's `Idempotency-Key`, which this operation demands.
#[derive(Debug)]
pub struct RequiredOnce(Once);

impl std::ops::Deref for RequiredOnce {
    type Target = Once;
    fn deref(&self) -> &Once {
        &self.0
    }
}

impl FromRequest for Once {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, opened) = (request.clone(), gate::opened(request));
        Box::pin(async move {
            opened.await;
            Ok(Self { key: read(&request)?, request })
        })
    }
}

impl FromRequest for RequiredOnce {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let once = Once::from_request(request, payload);
        Box::pin(async move {
            let once = once.await?;
            if once.key.is_none() { Err(edge::IDEMPOTENCY_KEY_REQUIRED.into()) } else { Ok(Self(once)) }
        })
    }
}

/// The key, bare or as a quoted string of RFC 9651.
fn read(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let invalid = || Problem::new(edge::IDEMPOTENCY_KEY_INVALID);
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| invalid())?.trim();
    let bare = if text.starts_with('"') { unquote(text).ok_or_else(invalid)? } else { text.to_owned() };
    let printable = bare.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if values.next().is_some() || !printable || bare.is_empty() || bare.len() > MAX_LENGTH {
        return Err(invalid());
    }
    Ok(Some(bare))
}

fn unquote(text: &str) -> Option<String> {
    let mut characters = text.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut bare = String::new();
    while let Some(character) = characters.next() {
        match character {
            '\\' => bare.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            '"' => return None,
            other => bare.push(other),
        }
    }
    Some(bare)
}
