//! The market: what every firm offers, as everybody may read it.
//!
//! A read model without a tenant and without row-level security, since it is public. A seller's own transaction writes it
//! when a product is published, changed or archived, and triggers refuse any other writer. Being readable without a policy,
//! its indexes also serve operators that are not leakproof.

mod candidates;
mod entry;
mod facets;
mod index;
mod listing;
mod rank;
mod read;
mod search;
mod seller;
mod suggest;
mod terms;
mod wanted;
mod weights;
mod withdrawal;

pub use facets::{Counted, Facets, common_categories};
pub(crate) use listing::show;
pub use listing::{MarketDetail, MarketVariant};
pub use read::{MarketListing, SellerNames, find_listing, find_seller, sellers_of};
pub use search::{LookedFor, MarketQuery, MarketResults, MarketSort, search};
pub use seller::{Seller, present_seller, rename_seller};
pub use suggest::suggest;
pub(crate) use terms::{LENGTH, TOTAL, kind};
pub(crate) use withdrawal::cut_outdated;
pub use withdrawal::{restore_seller, withdraw_seller};
