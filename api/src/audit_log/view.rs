use audit::Outcome;
use chrono::{DateTime, Utc};
use kernel::{
    ActorKind,
    ids::{AuditId, RequestId, SessionId},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Who did it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditActorView {
    /// What kind of actor.
    kind: ActorKind,
    /// Its id.
    id: String,
    /// Its session.
    #[schema(required)]
    session_id: Option<SessionId>,
}

/// One row of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditRowView {
    /// Its id.
    id: AuditId,
    /// Its place in the firm's chain, from 1, without gaps.
    seq: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    actor: AuditActorView,
    /// The request it came with.
    #[schema(required)]
    request_id: Option<RequestId>,
    /// The actor's address; null once it was kept for the time the law demands.
    #[schema(required)]
    address: Option<String>,
    /// Salted digest of the actor's address, in hexadecimal.
    #[schema(required)]
    ip_digest: Option<String>,
    /// What was done or tried.
    action: String,
    /// To what.
    object: String,
    /// Whether it was done; null in rows from before this was kept.
    #[schema(required)]
    result: Option<Outcome>,
    /// Further facts.
    #[schema(value_type = Object)]
    detail: Value,
    /// Hash of the row before, in hexadecimal.
    prev_hash: String,
    /// Hash of this row, in hexadecimal.
    hash: String,
}

impl From<audit::Row> for AuditRowView {
    fn from(row: audit::Row) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            at: row.at,
            actor: AuditActorView { kind: row.actor_kind, id: row.actor_id, session_id: row.session_id },
            request_id: row.request_id,
            address: row.ip,
            ip_digest: row.ip_digest.map(hex::encode),
            action: row.action,
            object: row.object,
            result: row.result,
            detail: if row.detail.is_null() { json!({}) } else { row.detail },
            prev_hash: hex::encode(row.prev_hash),
            hash: hex::encode(row.hash),
        }
    }
}
