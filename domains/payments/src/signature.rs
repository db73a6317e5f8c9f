//! The signature on what a provider tells us, to the letter of its scheme.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use kernel::secrets::Secret;
use sha2::Sha256;

/// How far the signature's time may be from ours, in seconds, in both directions.
const TOLERANCE: u64 = 300;

/// The message was not signed by the provider, or not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// No readable header with one time and a signature.
    #[error("the signature header cannot be read")]
    Malformed,
    /// No signature fits body, time and secret.
    #[error("no signature matches")]
    Mismatch,
    /// Signed too long ago, or in the future.
    #[error("the signature's time is too far from now")]
    Time,
}

/// Checks a `Stripe-Signature` header over the raw bytes of a body. Any `v1` may match; other schemes are ignored.
pub fn verify(secret: &Secret, header: &str, body: &[u8], now: DateTime<Utc>) -> Result<(), BadSignature> {
    let (mut time, mut signatures) = (None, Vec::new());
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", _)) if time.is_some() => return Err(BadSignature::Malformed),
            Some(("t", text)) => time = Some(text),
            Some(("v1", text)) => signatures.extend(hex::decode(text)),
            _ => {}
        }
    }
    let text = time.filter(|_| !signatures.is_empty()).ok_or(BadSignature::Malformed)?;
    let second: i64 = text.parse().map_err(|_| BadSignature::Malformed)?;
    let genuine = signatures.iter().any(|signature| {
        Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).is_ok_and(|mut mac| {
            mac.update(text.as_bytes());
            mac.update(b".");
            mac.update(body);
            mac.verify_slice(signature).is_ok()
        })
    });
    if !genuine {
        return Err(BadSignature::Mismatch);
    }
    if now.timestamp().abs_diff(second) > TOLERANCE { Err(BadSignature::Time) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_test","object":"event"}"#;
    const TAG: &str = "691252e266ce41cb94d709c84e9580d4172b117a510bbc81723f657d2cd5d215";
    const SECOND: i64 = 1_492_774_577;

    fn check(header: &str, body: &[u8], later: i64) -> Result<(), BadSignature> {
        let now = DateTime::from_timestamp(SECOND + later, 0).unwrap();
        verify(&Secret::new("whsec_test_secret".to_owned()), header, body, now)
    }

    #[test]
    fn accepts_the_published_vector_also_among_other_schemes() {
        assert_eq!(check(&format!("t={SECOND},v1={TAG}"), BODY, 0), Ok(()));
        assert_eq!(check(&format!("t={SECOND}, v0=00, v1=ab, v1={TAG}"), BODY, 0), Ok(()));
    }

    #[test]
    fn refuses_what_is_forged() {
        let good = format!("t={SECOND},v1={TAG}");
        assert_eq!(check(&good, br#"{"id":"evt_test", "object":"event"}"#, 0), Err(BadSignature::Mismatch));
        assert_eq!(check(&format!("t={},v1={TAG}", SECOND + 1), BODY, 0), Err(BadSignature::Mismatch));
        assert_eq!(check(&format!("t={SECOND},v0={TAG}"), BODY, 0), Err(BadSignature::Malformed));
        assert_eq!(check(&format!("t={SECOND},{good}"), BODY, 0), Err(BadSignature::Malformed));
        for header in ["", "t=1", "v1=00", "t=x,v1=00"] {
            assert_eq!(check(header, BODY, 0), Err(BadSignature::Malformed), "{header}");
        }
    }

    #[test]
    fn refuses_what_is_replayed_or_dated_ahead() {
        let good = format!("t={SECOND},v1={TAG}");
        assert_eq!(check(&good, BODY, 300), Ok(()));
        assert_eq!(check(&good, BODY, 301), Err(BadSignature::Time));
        assert_eq!(check(&good, BODY, -300), Ok(()));
        assert_eq!(check(&good, BODY, -3600), Err(BadSignature::Time));
    }
}
