//! The proof that a row stood in the log when a root was signed.

use crate::{
    Row, SignedRoot,
    merkle::{self, Hash},
    sealed::hashes,
};
use db::{
    DbError, TenantTx,
    schema::{audit_log, audit_roots},
};
use diesel::prelude::*;
use kernel::ids::AuditId;

/// A row, and the way from it to a signed root.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The row.
    pub row: Row,
    /// Hashes beside the way from the row's hash up to the root.
    pub path: Vec<Hash>,
    /// The root over the run of rows that it stands in.
    pub root: SignedRoot,
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The log has no such row.
    #[error("no such row")]
    NotFound,
    /// No root was made since the row was written.
    #[error("the row is under no root yet")]
    NotYet,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Proves a row of the transaction's tenant.
pub fn prove(tx: &mut TenantTx<'_>, id: AuditId) -> Result<Proof, ProofError> {
    let row = find(tx, id)?.ok_or(ProofError::NotFound)?;
    let root = root_over(tx, row.seq)?.ok_or(ProofError::NotYet)?;
    let hashes = hashes(tx, root.first_seq - 1, root.last_seq)?;
    let index = usize::try_from(row.seq - root.first_seq).unwrap_or(usize::MAX);
    Ok(Proof { path: merkle::path(&hashes, index), row, root })
}

fn find(tx: &mut TenantTx<'_>, id: AuditId) -> Result<Option<Row>, DbError> {
    let row = audit_log::table.filter(audit_log::tenant_id.eq(tx.tenant())).filter(audit_log::id.eq(id));
    Ok(row.select(Row::as_select()).first(tx.conn()).optional()?)
}

fn root_over(tx: &mut TenantTx<'_>, seq: i64) -> Result<Option<SignedRoot>, DbError> {
    Ok(audit_roots::table
        .filter(audit_roots::tenant_id.eq(tx.tenant()))
        .filter(audit_roots::first_seq.le(seq))
        .filter(audit_roots::last_seq.ge(seq))
        .select(SignedRoot::as_select())
        .first(tx.conn())
        .optional()?)
}
