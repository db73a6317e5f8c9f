//! What bodies about keys have in common.

use crate::problem::{FieldError, Problem, edge};
use auth::{AllowedAddresses, KeyMaker, Principal, SignedInPerson};
use chrono::{DateTime, Utc};

/// Networks that one key may name.
pub(super) const MOST_NETWORKS: usize = 50;

/// Whoever makes or changes a key, as of now.
pub(super) fn key_maker(principal: &Principal<SignedInPerson>, now: DateTime<Utc>) -> KeyMaker {
    KeyMaker {
        user: principal.who.user_id,
        permissions: principal.permissions,
        fresh: principal.who.is_fresh(now),
        email_verified: principal.email_verified,
    }
}

/// The networks of a body.
pub(super) fn addresses(texts: &[String]) -> Result<AllowedAddresses, Problem> {
    let read = |(at, text): (usize, &String)| {
        AllowedAddresses::network(text).map_err(|_| {
            let (en, zh) =
                ("must be an address or a network such as 203.0.113.0/24", "应为 IP 地址或网段，例如 203.0.113.0/24");
            edge::VALIDATION_FAILED.error(FieldError::new(format!("/ip_allow_list/{at}"), "invalid_network", en, zh))
        })
    };
    Ok(AllowedAddresses::new(texts.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?))
}
