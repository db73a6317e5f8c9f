use crate::{CreditCode, CreditCodeWarning};
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::verifications};
use diesel::prelude::*;
use kernel::{
    ids::{FileId, TenantId, UserId, VerificationId},
    text_enum,
};

text_enum! {
    /// How far a request has come.
    pub enum VerificationStatus {
        /// Nobody has decided yet.
        Pending = "pending",
        /// The platform has seen the licence.
        Verified = "verified",
        /// The platform was not convinced.
        Rejected = "rejected",
    }
}

/// A request to have a firm's business verified.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = verifications)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// The firm.
    pub tenant_id: TenantId,
    /// How far it has come.
    pub status: VerificationStatus,
    /// The registration number that was given.
    pub unified_social_credit_code: String,
    /// The name on the licence.
    pub legal_name: String,
    /// A picture or copy of the licence.
    pub licence_file_id: FileId,
    /// SHA-256 of the licence when the request was made.
    pub licence_sha256: Vec<u8>,
    /// Who asked.
    pub submitted_by: UserId,
    /// When.
    pub submitted_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

impl Verification {
    /// What is odd about the registration number.
    pub fn warnings(&self) -> Vec<CreditCodeWarning> {
        self.unified_social_credit_code.parse::<CreditCode>().map(|code| code.warnings()).unwrap_or_default()
    }
}

/// The firm's newest request.
pub fn latest_verification(tx: &mut TenantTx<'_>) -> Result<Option<Verification>, DbError> {
    Ok(verifications::table
        .filter(verifications::tenant_id.eq(tx.tenant()))
        .order(verifications::id.desc())
        .select(Verification::as_select())
        .first(tx.conn())
        .optional()?)
}

/// One request, locked until the transaction ends, so that it is decided once.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: VerificationId) -> Result<Option<Verification>, DbError> {
    Ok(verifications::table
        .filter(verifications::tenant_id.eq(tx.tenant()))
        .filter(verifications::id.eq(id))
        .select(Verification::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}
