use db::{DbError, TenantTx};
use kernel::ids::{FileId, UserId};
use tenants::{CreditCode, Verification};

/// A wish to have the business verified.
#[derive(Debug, Clone)]
pub struct RequestVerification {
    /// The registration number.
    pub code: CreditCode,
    /// The name on the licence, 1 to 200 characters.
    pub legal_name: String,
    /// A file of the firm: a picture or copy of the licence.
    pub licence_file: FileId,
    /// Who asks.
    pub by_user: UserId,
}

/// Why nothing was asked for.
#[derive(Debug, thiserror::Error)]
pub enum RequestVerificationError {
    /// The firm has no such file.
    #[error("no such file")]
    UnknownFile,
    /// The firm's rules.
    #[error(transparent)]
    Request(#[from] tenants::RequestVerificationError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Asks the platform to verify the business by a licence that the firm has stored.
pub fn request_verification(
    tx: &mut TenantTx<'_>,
    command: &RequestVerification,
) -> Result<Verification, RequestVerificationError> {
    let licence = files::find(tx, command.licence_file)?.ok_or(RequestVerificationError::UnknownFile)?;
    let request = tenants::RequestVerification {
        code: command.code.clone(),
        legal_name: command.legal_name.clone(),
        licence_file: licence.id,
        licence_sha256: licence.sha256,
        by_user: command.by_user,
    };
    Ok(tenants::request_verification(tx, &request)?)
}
