//! What is done with audit logs by and by: roots are signed every hour, old addresses erased every day.

mod erase_addresses;
mod find_new_audit_rows;
mod find_old_addresses;
mod seal_chain;

pub use erase_addresses::EraseAddresses;
pub use find_new_audit_rows::FindNewAuditRows;
pub use find_old_addresses::FindOldAddresses;
pub use seal_chain::SealAuditChain;
