//! The audit log: who did what, chained by hashes, one chain a tenant, from its first row; the platform has one of its own.
//!
//! - INV-A1: `seq` has no gaps and `hash = SHA-256(canonical JSON of the row with prev_hash)`, so a changed, dropped or
//!   reordered row is found by [`Chain`], and a truncated end by comparing with a [`Head`].
//! - INV-A2: a row commits with the change it tells of, or not at all.
//! - INV-A3: personal data enters the hash only as salted digests, so erasing a person, or the plain addresses beside the
//!   chain, does not break it.
//! - INV-A4: every row is under exactly one root, soon after it was written; roots are signed and never change.

mod chain;
mod erase;
mod list;
mod merkle;
mod platform;
mod proof;
mod reading;
mod record;
mod row;
mod sealed;
mod span;

pub use chain::{BrokenChain, Chain, Head};
pub use erase::{ADDRESSES_KEPT, erase_old_addresses, with_old_addresses};
pub use list::{Wanted, list, list_of};
pub use platform::{TellsPlatform, platform_chain};
pub use proof::{Proof, ProofError, prove};
pub use reading::note_reading;
pub use record::Audited;
pub use row::{Outcome, Row};
pub use sealed::{Root, SignedRoot, keep_root, next_root, with_new_rows};
pub use span::{Span, head, rows_after, span};
