//! The market: what every firm offers, as everybody may read it.
//!
//! A read model without a tenant and without row-level security, since it is public. A seller's own transaction writes it
//! when a product is published, changed or archived, and triggers refuse any other writer. Being readable without a policy,
//! its indexes also serve operators that are not leakproof.

mod listing;
mod read;
mod search;
mod seller;
mod withdrawal;
mod words;

pub(crate) use listing::show;
pub use listing::{MarketDetail, MarketVariant};
pub use read::{MarketListing, SellerNames, find_listing, find_seller, sellers_of};
pub use search::{MarketQuery, MarketSort, search};
pub use seller::{Seller, present_seller, rename_seller};
pub use withdrawal::{restore_seller, withdraw_seller};
