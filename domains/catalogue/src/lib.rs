//! Product promotion: what firms sell, at which price, from which stock, and the market where buyers find it.
//!
//! ```text
//!       --publish-->           <-publish- what was written about it meanwhile
//! draft                published --archive--> archived
//!   \   <-unpublish--                           ^
//!    \-----------------archive-----------------/
//!
//! reservation: held --paid--> taken
//!                \--cancelled or expired--> released --paid late, stock left--> taken
//! ```
//!
//! - INV-C1: stock at hand never falls below what is promised: `on_hand - reserved >= 0`, by lock and by CHECK.
//! - INV-C2: `reserved` of a variant is the sum of its held reservations.
//! - INV-C3: the market shows a product exactly while it is published and listed, from the same transaction on, and only
//!   its seller's own transaction writes it.
//! - INV-C4: a product with promised units is not archived, nor its variant withdrawn.
//! - INV-C5: a unit price never rises with the quantity, unless the seller says so.
//! - INV-C6: every change of stock at hand is a movement with a reason.
//! - INV-C7: exactly one set of terms decides a price; an order keeps which, its rung and its tax.
//! - INV-C9: what lies at a variant's locations is what it has at hand; the default location has what lies nowhere else.
//! - INV-C10: categories are a tree: none lies in itself, whoever moves what at the same time.
//! - INV-C11: what is written about a published product as a change is seen by no buyer before it goes live, and then as a whole.
//! - INV-C12: a product's name in addresses is its own in its firm and language, also when it has another one by now.
//! - INV-C8: where a product has options, each variant is one point of their matrix and no two are the same.

mod archive;
pub mod buyer_groups;
pub mod categories;
mod change;
pub mod collections;
mod create;
mod edit;
mod events;
mod gtin;
pub mod jobs;
pub mod locations;
pub mod market;
mod media;
mod offer;
mod options;
pub mod price_lists;
pub mod pricing;
mod product;
mod product_variants;
mod publish;
mod read;
mod reservations;
mod schedule;
mod sheet;
mod slugs;
pub mod stock;
mod store;
mod stored_json;
mod texts;
mod unpublish;
mod update;
mod validate;
mod variant;
mod write;

pub use archive::{ArchiveProductError, archive};
pub use change::{discard_change, write_change};
pub use create::create;
pub use edit::EditError;
pub use market::sellers_of;
pub use media::products_showing;
pub use offer::{Offer, OfferError, Offers, offers};
pub use options::{ProductOption, ProductOptions};
pub use product::{
    Attributes, Content, NewProduct, Product, ProductPatch, ProductStatus, TextMap, Translation, Translations,
};
pub use product_variants::{VariantPatch, add_variant, update_variant, withdraw_variant};
pub use publish::{PublishProduct, PublishProductError, publish};
pub use read::{find, list, list_named};
pub use reservations::{ReserveError, release_reserved, reserve, take_reserved};
pub use schedule::{Schedule, schedule};
pub use sheet::{category_at, category_names, products_after, with_skus};
pub use texts::{AltText, LocalText, LocalTexts, Locale, MediaAlt};
pub use unpublish::unpublish;
pub use update::{UpdateProduct, update};
pub use validate::{Fault, Rule};
pub use variant::{NewVariant, PriceTier, PriceTiers, Variant};
pub use write::WriteProductError;
