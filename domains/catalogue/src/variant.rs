//! One way to buy a product: size, colour, package, with its price and stock.

use crate::{pricing::PriceTerms, product::TextMap, stored_json::stored_as_json};
use db::schema::product_variants;
use diesel::{deserialize::FromSqlRow, expression::AsExpression, prelude::*, sql_types::Jsonb};
use kernel::{
    Currency,
    ids::{ProductId, VariantId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The unit of measure when a seller names none.
const DEFAULT_UNIT: &str = "piece";

/// One rung of a quantity price ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceTier {
    /// From this quantity on, the price below holds.
    pub min_quantity: i64,
    /// Price of one unit in minor units.
    pub price_minor: i64,
}

/// A quantity price ladder: quantities strictly rising, prices not rising unless the seller lets them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Jsonb)]
pub struct PriceTiers(pub Vec<PriceTier>);

stored_as_json!(PriceTiers);

/// A variant of a product.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = product_variants)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// The product.
    pub product_id: ProductId,
    /// Place among the product's variants, from 0.
    pub position: i32,
    /// The seller's own code, unique among its variants on sale.
    pub sku: String,
    /// What makes it different, for example `{"颜色": "胡桃色"}`.
    pub options: TextMap,
    /// Price of one unit below the first rung, in minor units.
    pub price_minor: i64,
    /// Currency of all its prices.
    pub currency: Currency,
    /// The quantity price ladder.
    pub price_tiers: PriceTiers,
    /// The least that can be ordered; a multiple of the increment.
    pub min_order_quantity: i64,
    /// Quantities are multiples of this.
    pub order_increment: i64,
    /// Unit of measure, for example `piece` or `kg`.
    pub unit: String,
    /// Global trade item number.
    pub gtin: Option<String>,
    /// Shipping weight of one unit in grams.
    pub weight_grams: Option<i64>,
    /// Units in the warehouse, promised ones included; `None` is unlimited.
    pub on_hand: Option<i64>,
    /// Units promised to orders.
    pub reserved: i64,
    /// At this many units at hand or fewer, `inventory.low` is told.
    pub low_stock_at: Option<i64>,
    /// The most that can be ordered.
    pub max_order_quantity: Option<i64>,
    /// Whether prices may rise with the quantity.
    pub price_may_rise: bool,
    /// Code of the Harmonized System.
    pub hs_code: Option<String>,
    /// Country of origin, ISO 3166 two letters.
    pub origin_country: Option<String>,
    /// Units of `on_hand` that lie at other locations than the default.
    pub elsewhere: i64,
}

impl Variant {
    /// The terms of its sale.
    pub fn terms(&self) -> PriceTerms<'_> {
        PriceTerms {
            price_minor: self.price_minor,
            tiers: &self.price_tiers.0,
            minimum: self.min_order_quantity,
            maximum: self.max_order_quantity,
            increment: self.order_increment,
        }
    }

    /// Units at the default location: what lies nowhere else.
    pub(crate) fn at_default(&self) -> i64 {
        self.on_hand.unwrap_or_default() - self.elsewhere
    }

    /// The variant as its seller would write it.
    pub fn written(&self) -> NewVariant {
        NewVariant {
            sku: self.sku.clone(),
            options: self.options.clone(),
            price_minor: self.price_minor,
            currency: self.currency,
            price_tiers: self.price_tiers.clone(),
            min_order_quantity: Some(self.min_order_quantity),
            order_increment: Some(self.order_increment),
            unit: Some(self.unit.clone()),
            gtin: self.gtin.clone(),
            weight_grams: self.weight_grams,
            stock: self.on_hand,
            low_stock_at: self.low_stock_at,
            max_order_quantity: self.max_order_quantity,
            price_may_rise: Some(self.price_may_rise),
            hs_code: self.hs_code.clone(),
            origin_country: self.origin_country.clone(),
        }
    }

    /// Units that can still be promised; `None` is unlimited.
    pub const fn available(&self) -> Option<i64> {
        match self.on_hand {
            Some(on_hand) => Some(on_hand - self.reserved),
            None => None,
        }
    }
}

/// A variant as a seller writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVariant {
    /// The seller's own code, 1 to 64 characters, unique in the firm.
    pub sku: String,
    /// What makes it different, at most 10 names.
    #[serde(default)]
    pub options: TextMap,
    /// Price of one unit in minor units, at least 1.
    pub price_minor: i64,
    /// Currency of all its prices.
    pub currency: Currency,
    /// At most 10 rungs: quantities strictly rising, prices not rising unless `price_may_rise`.
    #[serde(default)]
    pub price_tiers: PriceTiers,
    /// The least that can be ordered, a multiple of the increment; one increment if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_order_quantity: Option<i64>,
    /// Quantities are multiples of this; 1 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_increment: Option<i64>,
    /// Unit of measure, at most 20 characters; `piece` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Global trade item number of 8, 12, 13 or 14 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    /// Shipping weight of one unit in grams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<i64>,
    /// Units in the warehouse; unlimited if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
    /// At this many units at hand or fewer, `inventory.low` is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_stock_at: Option<i64>,
    /// The most that can be ordered, no less than the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_order_quantity: Option<i64>,
    /// Whether prices may rise with the quantity; false if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_may_rise: Option<bool>,
    /// Code of the Harmonized System, 6 to 10 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hs_code: Option<String>,
    /// Country of origin, ISO 3166 two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_country: Option<String>,
}

impl NewVariant {
    /// A variant with a code and a price, and nothing else said.
    pub fn new(sku: impl Into<String>, price_minor: i64, currency: Currency) -> Self {
        Self {
            sku: sku.into(),
            options: TextMap::default(),
            price_minor,
            currency,
            price_tiers: PriceTiers::default(),
            min_order_quantity: None,
            order_increment: None,
            unit: None,
            gtin: None,
            weight_grams: None,
            stock: None,
            low_stock_at: None,
            max_order_quantity: None,
            price_may_rise: None,
            hs_code: None,
            origin_country: None,
        }
    }

    /// Quantities are multiples of this.
    pub(crate) fn increment(&self) -> i64 {
        self.order_increment.unwrap_or(1)
    }

    /// The least that can be ordered.
    pub(crate) fn minimum(&self) -> i64 {
        self.min_order_quantity.unwrap_or_else(|| self.increment())
    }

    /// The variant at a position of a product, with the stock it is written with.
    pub(crate) fn placed(&self, id: VariantId, product_id: ProductId, position: i32) -> Variant {
        Variant {
            id,
            product_id,
            position,
            sku: self.sku.clone(),
            options: self.options.clone(),
            price_minor: self.price_minor,
            currency: self.currency,
            price_tiers: self.price_tiers.clone(),
            min_order_quantity: self.minimum(),
            order_increment: self.increment(),
            unit: self.unit.clone().unwrap_or_else(|| DEFAULT_UNIT.to_owned()),
            gtin: self.gtin.clone(),
            weight_grams: self.weight_grams,
            on_hand: self.stock,
            reserved: 0,
            low_stock_at: self.low_stock_at,
            max_order_quantity: self.max_order_quantity,
            price_may_rise: self.price_may_rise.unwrap_or_default(),
            hs_code: self.hs_code.clone(),
            origin_country: self.origin_country.clone(),
            elsewhere: 0,
        }
    }
}
