use crate::{
    CreditCode, Tenant, Verification, VerificationState, VerificationStatus, events::VerificationRequested, find,
    read::lock_firm,
};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{tenants, verifications},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::ids::{FileId, UserId, VerificationId};
use serde_json::json;

/// A wish to have the business verified.
#[derive(Debug, Clone)]
pub struct RequestVerification {
    /// The registration number.
    pub code: CreditCode,
    /// The name on the licence, 1 to 200 characters.
    pub legal_name: String,
    /// A file of the firm: the licence.
    pub licence_file: FileId,
    /// SHA-256 of the licence as it is now.
    pub licence_sha256: Vec<u8>,
    /// Who asks.
    pub by_user: UserId,
}

/// Why nothing was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestVerificationError {
    /// A request waits for its decision.
    #[error("a request is pending")]
    Pending,
    /// This very number was verified already.
    #[error("the number is verified")]
    Verified,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Asks the platform to verify the business. A verified firm stays verified while it asks for another number (INV-T5). The
/// caller has checked that the licence is the firm's own.
pub fn request_verification(
    tx: &mut TenantTx<'_>,
    command: &RequestVerification,
) -> Result<Verification, RequestVerificationError> {
    lock_firm(tx)?;
    let tenant = find(tx)?;
    if is_verified_for(&tenant, &command.code) {
        return Err(RequestVerificationError::Verified);
    }
    let request = insert(tx, command)?.ok_or(RequestVerificationError::Pending)?;
    if tenant.verification != VerificationState::Verified {
        set_state(tx, VerificationState::Pending)?;
    }
    tx.audit("tenant.verification_requested", request.id, json!({ "licence_file": request.licence_file_id }))?;
    tx.emit(&VerificationRequested { id: request.id })?;
    Ok(request)
}

fn is_verified_for(tenant: &Tenant, code: &CreditCode) -> bool {
    tenant.verification == VerificationState::Verified
        && tenant.unified_social_credit_code.as_deref() == Some(code.as_str())
}

fn insert(tx: &mut TenantTx<'_>, command: &RequestVerification) -> Result<Option<Verification>, DbError> {
    let row = (
        verifications::id.eq(tx.new_id::<VerificationId>()),
        verifications::status.eq(VerificationStatus::Pending),
        verifications::unified_social_credit_code.eq(command.code.as_str()),
        verifications::legal_name.eq(&command.legal_name),
        verifications::licence_file_id.eq(command.licence_file),
        verifications::licence_sha256.eq(&command.licence_sha256),
        verifications::submitted_by.eq(command.by_user),
        verifications::submitted_at.eq(tx.now()),
    );
    Ok(diesel::insert_into(verifications::table)
        .values(row)
        .on_conflict_do_nothing()
        .returning(Verification::as_returning())
        .get_result(tx.conn())
        .optional()?)
}

/// Notes in the firm's profile how far its verification has come.
pub(crate) fn set_state(tx: &mut TenantTx<'_>, state: VerificationState) -> Result<(), DbError> {
    diesel::update(tenants::table.filter(tenants::id.eq(tx.tenant())))
        .set((
            tenants::verification.eq(state),
            tenants::updated_at.eq(tx.now()),
            tenants::version.eq(tenants::version + 1),
        ))
        .execute(tx.conn())?;
    Ok(())
}
