//! Administration of the platform itself.
//!
//! ```text
//! administrator: made --password, first code--> enrolled --password, code--> signed in for an hour
//! ```
//!
//! - INV-AD1: an administrator does nothing before a second factor was shown, and a code serves once.
//! - INV-AD2: every call of an administrator, reads too, is a row of the platform's own audit chain, written in its transaction.
//! - INV-AD3: administrators are not people of firms: other table, other tokens, other audience.

mod administrator;
mod audit_desk;
mod authenticate;
mod chain;
mod confirm_code;
mod ensure_administrator;
mod jobs;
mod jobs_desk;
mod log_in;
mod note_reconciliation;
mod overview;
mod rotate_signing_key;
mod tenants_desk;
mod verifications_desk;

pub use self::jobs::{EraseAddresses, FindNewAuditRows, FindOldAddresses, SealAuditChain};
pub use administrator::Administrator;
pub use audit_desk::{VerifyAuditError, audit_chains, list_audit_log, verify_audit_chain};
pub use authenticate::{AdminPrincipal, authenticate_admin, note_own_read};
pub use confirm_code::{AdminToken, ConfirmCodeError, confirm_code};
pub use ensure_administrator::{EnsureAdministratorError, NewAdministrator, ensure_administrator};
pub use jobs_desk::{discard_job, list_jobs, list_queues, retry_job};
pub use log_in::{AdminLogIn, AdminLogInError, Challenge, Enrolment, log_in};
pub use note_reconciliation::note_reconciliation;
pub use overview::{Overview, overview};
pub use rotate_signing_key::rotate_signing_key;
pub use tenants_desk::{TenantFilter, find_tenant, list_tenants};
pub use verifications_desk::{
    FiledVerification, Licence, VerificationRefusal, decide_verification, list_verifications, open_licence,
};
