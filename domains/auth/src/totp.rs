//! Time-based one-time codes (RFC 6238: SHA-1, six digits, thirty seconds, one step to either side).

use chrono::{DateTime, Utc};
use kernel::secrets::{Secret, SecretError, random_bytes};
use totp_rs::{Algorithm, Builder, Totp};

/// The name under which an authenticator shows the code.
const ISSUER: &str = "SME Cloud";

/// The shared secret of a second factor: 160 bits.
#[derive(Clone)]
pub struct TotpSecret(Secret<Vec<u8>>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[TOTP secret]")
    }
}

/// Why a secret cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a TOTP secret: {0}")]
pub struct BadTotpSecret(String);

impl TotpSecret {
    /// A new random secret.
    pub fn generate() -> Result<Self, SecretError> {
        Ok(Self(Secret::new(random_bytes::<20>()?.to_vec())))
    }

    /// A secret of stored bytes.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        Self(Secret::new(bytes))
    }

    /// A secret as people copy it.
    pub fn from_base32(text: &str) -> Result<Self, BadTotpSecret> {
        let secret = totp_rs::Secret::try_from_base32(text).map_err(|e| BadTotpSecret(e.to_string()))?;
        if secret.as_bytes().len() < 16 {
            return Err(BadTotpSecret("at least 128 bits".into()));
        }
        Ok(Self::of_bytes(secret.as_bytes().to_vec()))
    }

    /// The bytes to be sealed and stored.
    pub fn bytes(&self) -> &[u8] {
        self.0.expose()
    }

    /// The secret as people copy it.
    pub fn to_base32(&self) -> String {
        totp_rs::Secret::from(self.0.expose().clone()).to_base32()
    }

    /// The address an authenticator reads from a picture.
    pub fn otpauth_url(&self, account: &str) -> Result<String, BadTotpSecret> {
        self.totp(account)?.to_url().map_err(|e| BadTotpSecret(e.to_string()))
    }

    /// The step whose code this is, if it is of the present step, the one before or the one after, and later than
    /// `last_step`: a code serves once.
    pub fn check(&self, code: &str, now: DateTime<Utc>, last_step: u64) -> Option<u64> {
        let seconds = u64::try_from(now.timestamp()).ok()?;
        let well_formed = code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit());
        let step = self.totp("account").ok().filter(|_| well_formed)?.check(code, seconds)?;
        (step > last_step).then_some(step)
    }

    /// The code of an instant, as an authenticator shows it.
    pub fn code(&self, now: DateTime<Utc>) -> Result<String, BadTotpSecret> {
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Ok(self.totp("account")?.generate(seconds).to_string())
    }

    fn totp(&self, account: &str) -> Result<Totp, BadTotpSecret> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_secret(self.0.expose().clone())
            .with_account_name(account.replace(':', "-"))
            .with_issuer(Some(ISSUER))
            .build()
            .map_err(|e| BadTotpSecret(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn gives_the_codes_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits.
        let secret = TotpSecret::of_bytes(b"12345678901234567890".to_vec());
        let vectors = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, code) in vectors {
            assert_eq!(secret.code(at(seconds)).as_deref(), Ok(code));
            assert_eq!(secret.check(code, at(seconds), 0), Some(u64::try_from(seconds).unwrap() / 30));
        }
    }

    #[test]
    fn a_code_serves_once_and_near_its_time_only() {
        let secret = TotpSecret::generate().unwrap();
        let code = secret.code(at(3000)).unwrap();
        assert_eq!(secret.check(&code, at(3000), 0), Some(100));
        assert_eq!(secret.check(&code, at(3000), 100), None);
        assert_eq!(secret.check(&code, at(3059), 99), Some(100));
        assert_eq!(secret.check(&code, at(2970), 0), Some(100));
        assert_eq!(secret.check(&code, at(3060), 0), None);
        assert_eq!(secret.check(&code, at(2969), 0), None);
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert_eq!(secret.check(bad, at(3000), 0), None, "{bad}");
        }
    }

    #[test]
    fn travels_as_base_32() {
        let secret = TotpSecret::generate().unwrap();
        assert_eq!(TotpSecret::from_base32(&secret.to_base32()).unwrap().bytes(), secret.bytes());
        assert!(TotpSecret::from_base32("JBSWY3DP").is_err());
        assert!(secret.otpauth_url("admin@example.cn").unwrap().starts_with("otpauth://totp/SME%20Cloud:admin"));
    }
}
