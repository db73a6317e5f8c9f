//! What a visitor shows with later requests, signed so that nothing need be stored: that the password was right, or that a
//! download was counted.

use crate::share::Link;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use kernel::{
    ids::{FileVersionId, Id, ShareId, TenantId},
    secrets::MasterKey,
};
use subtle::ConstantTimeEq;

/// How long a right password is good for.
pub(crate) const UNLOCKED_FOR: Duration = Duration::hours(1);
/// How long a download that broke off may be continued.
pub(crate) const CONTINUED_FOR: Duration = Duration::hours(24);

/// What a pass lets its holder do. It names all that it depends on, so that another password or version makes it worthless.
pub(crate) struct Pass {
    purpose: &'static str,
    parts: Vec<Vec<u8>>,
}

impl Pass {
    /// To enter a link that has a password.
    pub(crate) fn enter(tenant: TenantId, link: &Link) -> Self {
        let hash = link.password_hash.as_deref().unwrap_or_default();
        Self { purpose: "share.enter", parts: vec![bytes(tenant), bytes(link.id), hash.into()] }
    }

    /// To continue a counted download of one version.
    pub(crate) fn go_on(tenant: TenantId, link: ShareId, version: FileVersionId) -> Self {
        Self { purpose: "share.continue", parts: vec![bytes(tenant), bytes(link), bytes(version)] }
    }

    /// The text for the holder, good until `until`.
    pub(crate) fn issue(&self, key: &MasterKey, until: DateTime<Utc>) -> String {
        let until = until.timestamp();
        format!("{until}.{}", URL_SAFE_NO_PAD.encode(self.tag(key, until)))
    }

    /// Whether a text is such a pass and still good.
    pub(crate) fn admits(&self, key: &MasterKey, text: &str, now: DateTime<Utc>) -> bool {
        let Some((until, tag)) = text.split_once('.') else { return false };
        let (Ok(until), Ok(tag)) = (until.parse::<i64>(), URL_SAFE_NO_PAD.decode(tag)) else { return false };
        bool::from(tag.ct_eq(&self.tag(key, until)[..])) && now.timestamp() < until
    }

    fn tag(&self, key: &MasterKey, until: i64) -> [u8; 32] {
        let until = until.to_be_bytes();
        let parts: Vec<&[u8]> = self.parts.iter().map(Vec::as_slice).chain([&until[..]]).collect();
        key.mac(self.purpose, &parts)
    }
}

fn bytes(id: impl Id) -> Vec<u8> {
    id.uuid().as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_good_for_one_thing_until_its_time_is_over() {
        let (key, now) = (MasterKey::from_hex(&"5a".repeat(32)).unwrap(), DateTime::<Utc>::UNIX_EPOCH);
        let (tenant, link, version) = (TenantId::new(now), ShareId::new(now), FileVersionId::new(now));
        let pass = Pass::go_on(tenant, link, version);
        let text = pass.issue(&key, now + CONTINUED_FOR);
        assert!(pass.admits(&key, &text, now));
        assert!(!pass.admits(&key, &text, now + CONTINUED_FOR));
        assert!(!Pass::go_on(tenant, link, FileVersionId::new(now)).admits(&key, &text, now));
        assert!(!Pass::go_on(tenant, ShareId::new(now), version).admits(&key, &text, now));
        assert!(!Pass::go_on(TenantId::new(now), link, version).admits(&key, &text, now));
        let later = format!("9{text}");
        for wrong in ["", ".", "86400.", later.as_str()] {
            assert!(!pass.admits(&key, wrong, now), "{wrong}");
        }
    }
}
