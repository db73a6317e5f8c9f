//! Writing a row, at the end of the transaction that it tells of.

use crate::Row;
use db::{
    DbError, Keep, Tail, TenantTx,
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
}

impl Audited for TenantTx<'_> {
    fn audit<T: Serialize>(&mut self, action: &'static str, object: impl ToString, detail: T) -> Result<(), DbError> {
        let detail = serde_json::to_value(detail).map_err(|e| DbError::Corrupt(e.to_string()))?;
        let actor = self.actor().clone();
        self.defer(Box::new(Record { actor, action, object: object.to_string(), detail }));
        Ok(())
    }
}

struct Record {
    actor: Actor,
    action: &'static str,
    object: String,
    detail: Value,
}

impl Tail for Record {
    fn write(self: Box<Self>, tx: &mut TenantTx<'_>) -> Result<(), DbError> {
        let tenant = tx.tenant();
        let (seq, prev_hash, salt): (i64, Vec<u8>, Vec<u8>) = heads::table
            .filter(heads::tenant_id.eq(tenant))
            .select((heads::audit_seq, heads::audit_hash, heads::audit_salt))
            .for_update()
            .first(tx.conn())?;
        let mut row = Row {
            seq: seq + 1,
            id: tx.new_id::<AuditId>(),
            at: tx.now(),
            actor_kind: self.actor.kind,
            actor_id: self.actor.id,
            session_id: self.actor.session,
            request_id: self.actor.request,
            ip_digest: self.actor.ip.map(|ip| Sha256::digest([&salt[..], ip.to_string().as_bytes()].concat()).to_vec()),
            action: self.action.to_owned(),
            object: self.object,
            detail: self.detail,
            prev_hash,
            hash: Vec::new(),
        };
        row.hash = row.expected_hash(tenant).map_err(|e| DbError::Corrupt(e.to_string()))?.to_vec();
        diesel::update(heads::table.filter(heads::tenant_id.eq(tenant)))
            .set((heads::audit_seq.eq(row.seq), heads::audit_hash.eq(&row.hash)))
            .kept()
            .execute(tx.conn())?;
        diesel::insert_into(audit_log::table).values(&row).kept().execute(tx.conn())?;
        Ok(())
    }
}
