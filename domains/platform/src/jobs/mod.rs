//! The daily erasure of addresses in audit logs.

mod erase_addresses;
mod find_old_addresses;

pub use erase_addresses::EraseAddresses;
pub use find_old_addresses::FindOldAddresses;
