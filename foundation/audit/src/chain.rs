//! Rows, their hashes, and the check of a whole chain.

use chrono::{DateTime, SecondsFormat, Utc};
use db::schema::audit_log;
use diesel::prelude::*;
use kernel::{
    ActorKind, canonical_json,
    ids::{AuditId, Id, RequestId, SessionId, TenantId},
};
use serde_json::{Value, json};

/// One row of the audit log.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_log)]
pub struct Row {
    /// Position in the tenant's chain, from 1, without gaps.
    pub seq: i64,
    /// Id of the row.
    pub id: AuditId,
    /// When.
    pub at: DateTime<Utc>,
    /// What kind of actor.
    pub actor_kind: ActorKind,
    /// Its id.
    pub actor_id: String,
    /// Its session, if any.
    pub session_id: Option<SessionId>,
    /// The request it came with, if any.
    pub request_id: Option<RequestId>,
    /// Salted digest of its address, if any.
    pub ip_digest: Option<Vec<u8>>,
    /// What was done, for example `product.published`.
    pub action: String,
    /// To what: an id.
    pub object: String,
    /// Further facts: ids and words, no personal data.
    pub detail: Value,
    /// Hash of the row before, zeros for the first.
    pub prev_hash: Vec<u8>,
    /// This row's hash.
    pub hash: Vec<u8>,
}

impl Row {
    /// The hash this row must have.
    pub fn expected_hash(&self, tenant: TenantId) -> Result<[u8; 32], serde_json::Error> {
        canonical_json::digest(&json!({
            "tenant": tenant,
            "seq": self.seq,
            "id": self.id,
            "at": self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            "actor": { "kind": self.actor_kind, "id": self.actor_id, "session": self.session_id },
            "request": self.request_id.map(Id::uuid),
            "ip": self.ip_digest.as_ref().map(hex::encode),
            "action": self.action,
            "object": self.object,
            "detail": self.detail,
            "prev_hash": hex::encode(&self.prev_hash),
        }))
    }
}

/// Where a chain first fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// A number is missing or out of order.
    #[error("row {expected} is missing")]
    Gap {
        /// The number that should come.
        expected: i64,
    },
    /// A row does not follow from the one before, or was changed.
    #[error("row {seq} was changed")]
    Changed {
        /// Its number.
        seq: i64,
    },
}

/// Checks rows that follow one another, the first of which follows `before` (number and hash; zeros for the beginning).
/// Returns the number and hash of the last, to be compared with the tenant's head.
pub fn verify(tenant: TenantId, before: (i64, Vec<u8>), rows: &[Row]) -> Result<(i64, Vec<u8>), BrokenChain> {
    rows.iter().try_fold(before, |(seq, hash), row| {
        if row.seq != seq + 1 {
            return Err(BrokenChain::Gap { expected: seq + 1 });
        }
        let expected = row.expected_hash(tenant).map_err(|_| BrokenChain::Changed { seq: row.seq })?;
        if row.prev_hash != hash || row.hash != expected {
            return Err(BrokenChain::Changed { seq: row.seq });
        }
        Ok((row.seq, row.hash.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(tenant: TenantId) -> Vec<Row> {
        let mut prev = vec![0; 32];
        (1..=4)
            .map(|seq| {
                let mut row = Row {
                    seq,
                    id: AuditId::new(DateTime::UNIX_EPOCH),
                    at: DateTime::UNIX_EPOCH,
                    actor_kind: ActorKind::System,
                    actor_id: "test".into(),
                    session_id: None,
                    request_id: None,
                    ip_digest: None,
                    action: "thing.done".into(),
                    object: format!("thing {seq}"),
                    detail: json!({ "b": 1, "a": [] }),
                    prev_hash: prev.clone(),
                    hash: Vec::new(),
                };
                row.hash = row.expected_hash(tenant).unwrap().to_vec();
                prev.clone_from(&row.hash);
                row
            })
            .collect()
    }

    #[test]
    fn finds_a_flipped_a_dropped_and_a_swapped_row() {
        let tenant = TenantId::new(Utc::now());
        let start = || (0, vec![0; 32]);
        let rows = chain(tenant);
        assert_eq!(verify(tenant, start(), &rows).unwrap().0, 4);

        let mut flipped = rows.clone();
        flipped[1].action = "thing.undone".into();
        assert_eq!(verify(tenant, start(), &flipped), Err(BrokenChain::Changed { seq: 2 }));

        let mut dropped = rows.clone();
        dropped.remove(2);
        assert_eq!(verify(tenant, start(), &dropped), Err(BrokenChain::Gap { expected: 3 }));

        let mut swapped = rows.clone();
        swapped.swap(0, 1);
        assert_eq!(verify(tenant, start(), &swapped), Err(BrokenChain::Gap { expected: 1 }));

        let other = TenantId::new(Utc::now());
        assert_eq!(verify(other, start(), &rows), Err(BrokenChain::Changed { seq: 1 }));
    }
}
