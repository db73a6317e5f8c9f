//! The audit log: who did what, chained by hashes, one chain a tenant, from its first row; the platform has one of its own.
//!
//! - INV-A1: `seq` has no gaps and `hash = SHA-256(canonical JSON of the row with prev_hash)`, so a changed, dropped or
//!   reordered row is found by [`Chain`], and a truncated end by comparing with a [`Head`].
//! - INV-A2: a row commits with the change it tells of, or not at all.
//! - INV-A3: personal data enters the hash only as salted digests, so erasing a person, or the plain addresses beside the
//!   chain, does not break it.

mod chain;
mod erase;
mod list;
mod platform;
mod reading;
mod record;
mod row;
mod span;

pub use chain::{BrokenChain, Chain, Head};
pub use erase::{ADDRESSES_KEPT, erase_old_addresses, with_old_addresses};
pub use list::{Wanted, list, list_of};
pub use platform::{TellsPlatform, platform_chain};
pub use reading::note_reading;
pub use record::Audited;
pub use row::{Outcome, Row};
pub use span::{Span, head, rows_after, span};
