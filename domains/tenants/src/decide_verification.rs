use crate::{
    Verification, VerificationState, VerificationStatus,
    events::{TenantVerified, VerificationRejected},
    find,
    read::lock_firm,
    request_verification::set_state,
    verification::lock,
};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{tenants, verifications},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::{AdminId, VerificationId};
use serde_json::json;

/// What the platform's people decided.
#[derive(Debug, Clone)]
pub enum Decision {
    /// The licence and the number are the firm's.
    Approve,
    /// They are not, or it cannot be told.
    Reject {
        /// What the firm is told, 1 to 500 characters.
        reason: String,
    },
}

/// A decision about a request.
#[derive(Debug, Clone)]
pub struct DecideVerification {
    /// The request.
    pub id: VerificationId,
    /// The decision.
    pub decision: Decision,
    /// Who decides.
    pub by: AdminId,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecideVerificationError {
    /// No such request.
    #[error("no such request")]
    NotFound,
    /// It was decided before.
    #[error("the request is decided")]
    Settled,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Settles a request of the transaction's firm, once. An approved number becomes the firm's; a rejection leaves what was
/// verified before (INV-T5).
pub fn decide_verification(
    tx: &mut TenantTx<'_>,
    command: &DecideVerification,
) -> Result<Verification, DecideVerificationError> {
    lock_firm(tx)?;
    let request = lock(tx, command.id)?.ok_or(DecideVerificationError::NotFound)?;
    if request.status != VerificationStatus::Pending {
        return Err(DecideVerificationError::Settled);
    }
    let settled = store(tx, command)?;
    let (id, verification_id) = (tx.tenant(), settled.id);
    if settled.status == VerificationStatus::Verified {
        adopt(tx, &settled)?;
        tx.audit("tenant.verified", verification_id, json!({ "code": settled.unified_social_credit_code }))?;
        tx.emit(&TenantVerified { id, verification_id })?;
    } else {
        if find(tx)?.verification != VerificationState::Verified {
            set_state(tx, VerificationState::Rejected)?;
        }
        tx.audit("tenant.verification_rejected", verification_id, json!({ "reason": settled.reason }))?;
        tx.emit(&VerificationRejected { id, verification_id })?;
    }
    Ok(settled)
}

fn store(tx: &mut TenantTx<'_>, command: &DecideVerification) -> Result<Verification, DbError> {
    let (status, reason) = match &command.decision {
        Decision::Approve => (VerificationStatus::Verified, None),
        Decision::Reject { reason } => (VerificationStatus::Rejected, Some(reason)),
    };
    let row =
        verifications::table.filter(verifications::tenant_id.eq(tx.tenant())).filter(verifications::id.eq(command.id));
    Ok(diesel::update(row)
        .set((
            verifications::status.eq(status),
            verifications::reason.eq(reason),
            verifications::decided_by.eq(command.by),
            verifications::decided_at.eq(tx.now()),
        ))
        .returning(Verification::as_returning())
        .get_result(tx.conn())?)
}

/// The verified number is the firm's from now on.
fn adopt(tx: &mut TenantTx<'_>, request: &Verification) -> Result<(), DbError> {
    set_state(tx, VerificationState::Verified)?;
    diesel::update(tenants::table.filter(tenants::id.eq(tx.tenant())))
        .set(tenants::unified_social_credit_code.eq(&request.unified_social_credit_code))
        .execute(tx.conn())?;
    Ok(())
}
