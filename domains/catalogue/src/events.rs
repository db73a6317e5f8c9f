//! What this domain tells the event log. Integrators read these; fields are only ever added.

use crate::{
    product::{Product, ProductStatus},
    variant::Variant,
};
use jobs::Event;
use kernel::ids::{ProductId, VariantId};
use serde::Serialize;

macro_rules! product_events {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Serialize)]
            pub(crate) struct $name {
                id: ProductId,
                status: ProductStatus,
                title: String,
                version: i64,
            }
            impl Event for $name {
                const TYPE: &'static str = $text;
            }
            impl From<&Product> for $name {
                fn from(product: &Product) -> Self {
                    let title = product.content.title.clone();
                    Self { id: product.id, status: product.status, title, version: product.version }
                }
            }
        )+
    };
}

product_events! {
    /// A product went on sale.
    ProductPublished = "product.published";
    /// A product or its variants were changed.
    ProductUpdated = "product.updated";
    /// A product went off sale for good.
    ProductArchived = "product.archived";
}

/// A variant's stock fell to its threshold.
#[derive(Debug, Serialize)]
pub(crate) struct InventoryLow {
    product_id: ProductId,
    variant_id: VariantId,
    sku: String,
    on_hand: i64,
    low_stock_at: i64,
}

impl InventoryLow {
    pub(crate) fn of(variant: &Variant) -> Self {
        Self {
            product_id: variant.product_id,
            variant_id: variant.id,
            sku: variant.sku.clone(),
            on_hand: variant.on_hand.unwrap_or_default(),
            low_stock_at: variant.low_stock_at.unwrap_or_default(),
        }
    }
}

impl Event for InventoryLow {
    const TYPE: &'static str = "inventory.low";
}
