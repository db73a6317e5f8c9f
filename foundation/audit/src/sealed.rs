//! Roots over runs of a chain, made every hour and signed: whoever has one knows that none of its rows was changed since.

use crate::merkle::{self, Hash};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use db::{
    DbError, PlatformTx, TenantTx,
    schema::{audit_log, audit_roots},
};
use diesel::{dsl::max, prelude::*};
use kernel::ids::TenantId;
use serde_json::Value;

/// Most rows under one root.
const MOST: i64 = 65_536;
/// Transactions that began before the last root was made may have told the log of it since.
const LATE: Duration = Duration::hours(1);

/// The root over a run of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The first row's number.
    pub first_seq: i64,
    /// The last row's number.
    pub last_seq: i64,
    /// The root over the rows' hashes.
    pub hash: Hash,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

impl Root {
    /// What is signed. No token begins so.
    pub fn statement(&self, tenant: TenantId) -> String {
        format!(
            "smecloud audit root 1\n{tenant}\n{}\n{}\n{}\n{}\n",
            self.first_seq,
            self.last_seq,
            hex::encode(self.hash),
            self.made_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        )
    }
}

/// A root with its signature.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_roots)]
pub struct SignedRoot {
    /// The chain's tenant.
    pub tenant_id: TenantId,
    /// The first row's number.
    pub first_seq: i64,
    /// The last row's number.
    pub last_seq: i64,
    /// The root over the rows' hashes.
    pub root: Vec<u8>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The public key, as a JSON Web Key.
    pub public_jwk: Value,
    /// The Ed25519 signature of [`Root::statement`].
    pub signature: Vec<u8>,
}

/// The root over the next rows that are under none; `None` if there are no such rows.
pub fn next_root(tx: &mut TenantTx<'_>) -> Result<Option<Root>, DbError> {
    let last: Option<i64> = audit_roots::table
        .filter(audit_roots::tenant_id.eq(tx.tenant()))
        .select(max(audit_roots::last_seq))
        .first(tx.conn())?;
    let after = last.unwrap_or_default();
    let hashes = hashes(tx, after, after + MOST)?;
    let Ok(count @ 1..) = i64::try_from(hashes.len()) else { return Ok(None) };
    let (first_seq, last_seq) = (after + 1, after + count);
    Ok(Some(Root { first_seq, last_seq, hash: merkle::root(&hashes), made_at: tx.now() }))
}

/// Keeps a root, once it is signed.
pub fn keep_root(tx: &mut TenantTx<'_>, root: &Root, (public_jwk, signature): (&Value, &[u8])) -> Result<(), DbError> {
    let row = SignedRoot {
        tenant_id: tx.tenant(),
        first_seq: root.first_seq,
        last_seq: root.last_seq,
        root: root.hash.to_vec(),
        made_at: root.made_at,
        public_jwk: public_jwk.clone(),
        signature: signature.to_vec(),
    };
    diesel::insert_into(audit_roots::table).values(row).execute(tx.conn())?;
    Ok(())
}

/// Hashes of a run of rows.
pub(crate) fn hashes(tx: &mut TenantTx<'_>, after: i64, last: i64) -> Result<Vec<Hash>, DbError> {
    let rows: Vec<Vec<u8>> = audit_log::table
        .filter(audit_log::tenant_id.eq(tx.tenant()))
        .filter(audit_log::seq.gt(after))
        .filter(audit_log::seq.le(last))
        .order(audit_log::seq)
        .select(audit_log::hash)
        .load(tx.conn())?;
    let whole = |hash: Vec<u8>| Hash::try_from(hash).map_err(|_| DbError::Corrupt("a row's hash is malformed".into()));
    rows.into_iter().map(whole).collect()
}

/// Tenants whose logs were told something since roots were made last.
pub fn with_new_rows(tx: &mut PlatformTx<'_>) -> Result<Vec<TenantId>, DbError> {
    let last: Option<DateTime<Utc>> = audit_roots::table.select(max(audit_roots::made_at)).first(tx.conn())?;
    let since = last.map_or(DateTime::UNIX_EPOCH, |last| last - LATE);
    let rows = audit_log::table.filter(audit_log::at.ge(since));
    Ok(rows.select(audit_log::tenant_id).distinct().order(audit_log::tenant_id).load(tx.conn())?)
}
