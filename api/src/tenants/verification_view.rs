use chrono::{DateTime, Utc};
use kernel::ids::{FileId, UserId, VerificationId};
use serde::Serialize;
use tenants::{CreditCodeWarning, Verification, VerificationStatus};
use utoipa::ToSchema;

/// A request to have the business verified.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationView {
    /// Its id.
    pub id: VerificationId,
    /// How far it has come.
    pub status: VerificationStatus,
    /// The registration number, normalised.
    pub unified_social_credit_code: String,
    /// What is odd about the number. Some real ones are odd, so a person looks at them.
    pub warnings: Vec<CreditCodeWarning>,
    /// The name on the licence.
    pub legal_name: String,
    /// The licence.
    pub licence_file_id: FileId,
    /// Who asked.
    pub submitted_by: UserId,
    /// When.
    pub submitted_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

impl From<Verification> for VerificationView {
    fn from(request: Verification) -> Self {
        Self {
            warnings: request.warnings(),
            id: request.id,
            status: request.status,
            unified_social_credit_code: request.unified_social_credit_code,
            legal_name: request.legal_name,
            licence_file_id: request.licence_file_id,
            submitted_by: request.submitted_by,
            submitted_at: request.submitted_at,
            decided_at: request.decided_at,
            reason: request.reason,
        }
    }
}
