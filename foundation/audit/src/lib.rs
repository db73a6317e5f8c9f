//! The audit log: who did what, chained by hashes, one chain a tenant, from its first row.
//!
//! - INV-A1: `seq` has no gaps and `hash = SHA-256(canonical JSON of the row with prev_hash)`, so a changed, dropped or
//!   reordered row is found by [`verify`].
//! - INV-A2: a row commits with the change it tells of, or not at all.
//! - INV-A3: personal data enters only as salted digests, so erasing a person does not break the chain.

mod chain;
mod list;
mod record;

pub use chain::{BrokenChain, Row, verify};
pub use list::{Wanted, list};
pub use record::Audited;
