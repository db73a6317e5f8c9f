//! Double-entry books: one book per tenant, no account is shared.
//!
//! [`post`] takes a [`BalancedEntry`] and nothing else, so an unbalanced entry cannot be written down in the first place.
//!
//! ```text
//! pay      Dr clearing:stripe  1000   Cr escrow:{order}   1000
//! fee      Dr provider_fee        8   Cr clearing:stripe     8
//! release  Dr escrow:{order}   1000   Cr available         970   Cr platform_fee  30
//! refund   Dr escrow:{order}   1000   Cr clearing:stripe  1000
//! ```
//!
//! - INV-L1: an entry has two postings or more and sums to zero in each currency: by [`BalancedEntry`], by a deferred
//!   constraint trigger, by the nightly [`CheckBooks`], and by tests.
//! - INV-L2: accounts, entries and postings are never changed nor removed; corrections are new entries.
//! - INV-L3: one source, one entry: posting it again changes nothing, posting something else under it is refused.
//! - INV-L4: an account that holds other people's money never goes below zero.
//! - INV-L5: a balance equals the sum of its account's postings.

mod account;
mod book;
mod entry;
pub mod jobs;
mod post;
mod read;
mod trial_balance;
mod unsettled;

pub use account::{AccountKey, AccountKind, Side};
pub use book::{InsufficientFunds, Totals};
pub use entry::{BalancedEntry, EntryError, Leg};
pub use jobs::{check_book::CheckBook, check_books::CheckBooks};
pub use post::{PostError, Posted, post};
pub use read::{Account, Balance, Entry, Posting, accounts, balances, entries};
pub use trial_balance::{TrialBalance, trial_balance};
pub use unsettled::{Unsettled, unsettled};
