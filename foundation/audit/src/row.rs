//! A row and its hash.

use chrono::{DateTime, SecondsFormat, Utc};
use db::schema::audit_log;
use diesel::prelude::*;
use kernel::{
    ActorKind, canonical_json,
    ids::{AuditId, Id, RequestId, SessionId, TenantId},
    text_enum,
};
use serde_json::{Value, json};

text_enum! {
    /// What became of what was tried.
    pub enum Outcome {
        /// It was done.
        Success = "success",
        /// It was not: credentials, permission or a limit stood against it.
        Refused = "refused",
    }
}

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
    /// Its id: a person's, a key's, an administrator's, a job's.
    pub actor_id: String,
    /// Its session, if any.
    pub session_id: Option<SessionId>,
    /// The request it came with, if any.
    pub request_id: Option<RequestId>,
    /// Salted digest of its address, if any.
    pub ip_digest: Option<Vec<u8>>,
    /// What was done or tried, for example `product.published`.
    pub action: String,
    /// To what: an id.
    pub object: String,
    /// Further facts: ids and words, no personal data.
    pub detail: Value,
    /// Hash of the row before, zeros for the first.
    pub prev_hash: Vec<u8>,
    /// This row's hash.
    pub hash: Vec<u8>,
    /// What became of it; absent in rows from before results were kept.
    pub result: Option<Outcome>,
    /// The address in plain until it is erased; the hash does not cover it.
    pub ip: Option<String>,
}

impl Row {
    /// What the hash covers.
    pub fn hashed(&self, tenant: TenantId) -> Value {
        let mut hashed = json!({
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
        });
        if let Some(result) = self.result {
            hashed["result"] = json!(result);
        }
        hashed
    }

    /// The hash this row must have.
    pub fn expected_hash(&self, tenant: TenantId) -> Result<[u8; 32], serde_json::Error> {
        canonical_json::digest(&self.hashed(tenant))
    }

    /// The row as exports have it: what the hash covers, and besides `hash`, `address` (the plain one, while it is kept) and
    /// `request_id` (the request's id as it is shown elsewhere).
    pub fn line(&self, tenant: TenantId) -> Value {
        let mut line = self.hashed(tenant);
        line["hash"] = json!(hex::encode(&self.hash));
        line["address"] = json!(self.ip);
        line["request_id"] = json!(self.request_id);
        line
    }
}
