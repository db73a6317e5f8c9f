//! Writing a row, at the end of the transaction that it tells of.

use crate::{Outcome, Row};
use db::{
    DbError, Tail, TenantTx,
    schema::{audit_log, heads},
};
use diesel::prelude::*;
use kernel::{Actor, ids::AuditId};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Transactions that can tell the audit log what they do.
pub trait Audited {
    /// Adds a row when the transaction commits: `action` was done to `object`; `detail` holds ids and words, no personal data.
    fn audit<T: Serialize>(&mut self, action: &'static str, object: impl ToString, detail: T) -> Result<(), DbError>;

    /// The same of something that was tried and refused.
    fn audit_refused<T: Serialize>(
        &mut self,
        action: &'static str,
        object: impl ToString,
        detail: T,
    ) -> Result<(), DbError>;
}

impl Audited for TenantTx<'_> {
    fn audit<T: Serialize>(&mut self, action: &'static str, object: impl ToString, detail: T) -> Result<(), DbError> {
        defer(self, (action, object.to_string(), Outcome::Success), &detail)
    }

    fn audit_refused<T: Serialize>(
        &mut self,
        action: &'static str,
        object: impl ToString,
        detail: T,
    ) -> Result<(), DbError> {
        defer(self, (action, object.to_string(), Outcome::Refused), &detail)
    }
}

fn defer<T: Serialize>(
    tx: &mut TenantTx<'_>,
    (action, object, result): (&'static str, String, Outcome),
    detail: &T,
) -> Result<(), DbError> {
    let detail = serde_json::to_value(detail).map_err(|e| DbError::Corrupt(e.to_string()))?;
    let actor = tx.actor().clone();
    tx.defer(Box::new(Record { actor, action, object, detail, result }));
    Ok(())
}

struct Record {
    actor: Actor,
    action: &'static str,
    object: String,
    detail: Value,
    result: Outcome,
}

impl Tail for Record {
    fn write(self: Box<Self>, tx: &mut TenantTx<'_>) -> Result<(), DbError> {
        let tenant = tx.tenant();
        let (seq, prev_hash, salt): (i64, Vec<u8>, Vec<u8>) = heads::table
            .filter(heads::tenant_id.eq(tenant))
            .select((heads::audit_seq, heads::audit_hash, heads::audit_salt))
            .for_update()
            .first(tx.conn())?;
        let ip = self.actor.ip.map(|ip| ip.to_string());
        let mut row = Row {
            seq: seq + 1,
            id: tx.new_id::<AuditId>(),
            at: tx.now(),
            actor_kind: self.actor.kind,
            actor_id: self.actor.id,
            session_id: self.actor.session,
            request_id: self.actor.request,
            ip_digest: ip.as_ref().map(|ip| Sha256::digest([&salt[..], ip.as_bytes()].concat()).to_vec()),
            action: self.action.to_owned(),
            object: self.object,
            detail: self.detail,
            prev_hash,
            hash: Vec::new(),
            result: Some(self.result),
            ip,
        };
        row.hash = row.expected_hash(tenant).map_err(|e| DbError::Corrupt(e.to_string()))?.to_vec();
        diesel::update(heads::table.filter(heads::tenant_id.eq(tenant)))
            .set((heads::audit_seq.eq(row.seq), heads::audit_hash.eq(&row.hash)))
            .execute(tx.conn())?;
        diesel::insert_into(audit_log::table).values(&row).execute(tx.conn())?;
        Ok(())
    }
}
