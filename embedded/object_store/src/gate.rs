//! Who may pass, beyond the signature itself (which s3s has checked by then).

use async_trait::async_trait;
use percent_encoding::percent_decode_str;
use s3s::access::{S3Access, S3AccessContext};
use s3s::{S3Result, s3_error};

/// The longest life of a presigned URL, as in S3: seven days, in seconds.
const MAX_EXPIRES: u32 = 604_800;

/// Lets signed requests pass, if the signature covers everything that changes their meaning.
pub(crate) struct Gate;

/// The parts of a version 4 signature that matter here.
struct Signature {
    /// Lower-case header names.
    headers: Vec<String>,
    /// Seconds; presigned URLs only.
    expires: Option<u32>,
}

#[async_trait]
impl S3Access for Gate {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if cx.credentials().is_none() {
            return Err(s3_error!(AccessDenied, "Signature is required"));
        }
        // Form uploads would be gathered in memory.
        if cx.s3_op().name() == "PostObject" {
            return Err(s3_error!(NotImplemented, "form uploads"));
        }
        let signature = from_header(cx).or_else(|| from_query(cx.uri().query()?));
        let signature = signature.ok_or_else(|| s3_error!(AccessDenied, "only signature version 4 is accepted"))?;
        if signature.expires.is_some_and(|seconds| seconds > MAX_EXPIRES) {
            return Err(s3_error!(AccessDenied, "X-Amz-Expires is greater than a week"));
        }
        // Else the holder of a presigned PUT could add x-amz-copy-source and read what he was never shown.
        let unsigned = cx.headers().keys().map(AsRef::<str>::as_ref).find(|name| {
            name.starts_with("x-amz-")
                && *name != "x-amz-content-sha256"
                && !signature.headers.iter().any(|signed| signed == name)
        });
        match unsigned {
            Some(name) => Err(s3_error!(AccessDenied, "header {name} is not signed")),
            None => Ok(()),
        }
    }
}

fn from_header(cx: &S3AccessContext<'_>) -> Option<Signature> {
    let value = cx.headers().get("authorization")?.to_str().ok()?;
    let fields = value.strip_prefix("AWS4-HMAC-SHA256")?;
    let list = fields.split(',').find_map(|field| field.trim().strip_prefix("SignedHeaders="))?;
    Some(Signature { headers: names(list), expires: None })
}

fn from_query(query: &str) -> Option<Signature> {
    let field = |name: &str| {
        let pair = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
        percent_decode_str(pair.1).decode_utf8().ok()
    };
    (field("X-Amz-Algorithm")? == "AWS4-HMAC-SHA256").then_some(())?;
    let expires = field("X-Amz-Expires")?.parse().ok();
    Some(Signature { headers: names(&field("X-Amz-SignedHeaders")?), expires })
}

fn names(list: &str) -> Vec<String> {
    list.split(';').map(str::to_ascii_lowercase).collect()
}
