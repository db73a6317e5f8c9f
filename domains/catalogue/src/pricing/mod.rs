//! What a quantity costs whom, and why. Pure: what is agreed and what is law at an instant comes in, a price comes out.

mod quantity;
#[cfg(test)]
mod tests;
mod vat;

pub use quantity::{PriceTerms, QuantityError, unit_price};
pub use vat::{Tax, TaxClass, tax_of};

use crate::{buyer_groups::BuyerGroupId, price_lists::PriceListId, stored_json::stored_as_json, variant::PriceTier};
use chrono::{DateTime, Utc};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Jsonb};
use kernel::{Currency, Money, ids::TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All that a seller says of what a variant costs.
#[derive(Debug, Clone)]
pub struct VariantPrices {
    /// Currency of the variant's own prices.
    pub currency: Currency,
    /// Its own terms, for everybody with whom nothing else is agreed.
    pub own: OwnedTerms,
    /// Which rate of value-added tax holds, if the seller says so.
    pub tax_class: Option<TaxClass>,
    /// Whether prices contain it.
    pub tax_included: bool,
    /// What is agreed with buyers and groups of them.
    pub agreed: Vec<AgreedTerms>,
}

/// Terms that belong to nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedTerms {
    /// Price of one unit below the first rung, in minor units.
    pub price_minor: i64,
    /// The quantity price ladder.
    pub tiers: Vec<PriceTier>,
    /// The least that can be ordered.
    pub minimum: i64,
    /// The most that can be ordered.
    pub maximum: Option<i64>,
    /// Quantities are multiples of this.
    pub increment: i64,
}

impl OwnedTerms {
    fn borrowed(&self) -> PriceTerms<'_> {
        PriceTerms {
            price_minor: self.price_minor,
            tiers: &self.tiers,
            minimum: self.minimum,
            maximum: self.maximum,
            increment: self.increment,
        }
    }
}

/// With whom a price list is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgreedWith {
    /// One firm.
    Buyer(TenantId),
    /// A group of firms.
    Group(BuyerGroupId),
}

/// What a price list says of a variant.
#[derive(Debug, Clone)]
pub struct AgreedTerms {
    /// The list.
    pub list: PriceListId,
    /// With whom.
    pub with: AgreedWith,
    /// From when on it holds.
    pub valid_from: Option<DateTime<Utc>>,
    /// Until when it holds, that instant excluded.
    pub valid_until: Option<DateTime<Utc>>,
    /// The currency in which it was agreed.
    pub currency: Currency,
    /// The terms, those of the variant where the list has none.
    pub terms: OwnedTerms,
}

impl AgreedTerms {
    fn holds(&self, buyer: &Buyer, currency: Currency, at: DateTime<Utc>) -> bool {
        let with = match self.with {
            AgreedWith::Buyer(id) => buyer.id == Some(id),
            AgreedWith::Group(id) => buyer.groups.contains(&id),
        };
        let in_time = self.valid_from.is_none_or(|from| from <= at) && self.valid_until.is_none_or(|until| at < until);
        with && in_time && self.currency == currency
    }

    /// What is agreed with a buyer goes before what is agreed with a group, then the list that was made last.
    const fn rank(&self) -> (bool, PriceListId) {
        (matches!(self.with, AgreedWith::Buyer(_)), self.list)
    }
}

/// Who buys: nobody in particular has neither an id nor groups.
#[derive(Debug, Clone, Default)]
pub struct Buyer {
    /// The firm.
    pub id: Option<TenantId>,
    /// The seller's groups that it is in.
    pub groups: Vec<BuyerGroupId>,
}

/// The price of one unit, and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Price of one unit, as the seller names it: with or without tax.
    pub unit: Money,
    /// The quantity of the rung that was reached; 1 below the first.
    pub rung: i64,
    /// Why, in the order in which it was decided.
    pub reasons: PriceReasons,
    /// The tax that is contained or comes on top.
    pub tax: Option<Tax>,
}

/// One step on the way to a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PriceReason {
    /// The seller's price for everybody.
    OwnPrice,
    /// A price list that is agreed with the buyer.
    BuyerPriceList {
        /// The list.
        price_list_id: PriceListId,
    },
    /// A price list that is agreed with a group that the buyer is in.
    GroupPriceList {
        /// The list.
        price_list_id: PriceListId,
    },
    /// A rung of the ladder was reached.
    Rung {
        /// From this quantity on.
        min_quantity: i64,
    },
    /// Value-added tax at the rate of that day.
    Tax {
        /// Which rate.
        class: TaxClass,
        /// The rate in hundredths of a percent.
        basis_points: i64,
        /// Whether the price contains it.
        included: bool,
    },
}

/// How a price came about; a line of an order keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Jsonb)]
pub struct PriceReasons(pub Vec<PriceReason>);

stored_as_json!(PriceReasons);

/// The price of one unit when `buyer` orders `quantity` of a variant at an instant.
///
/// Exactly one set of terms decides, its rules of quantity and its ladder: what is agreed with the buyer, else with a group, else the
/// variant's own. Of several lists at one level it is the one that was made last.
pub fn price(variant: &VariantPrices, buyer: &Buyer, quantity: i64, at: DateTime<Utc>) -> Result<Price, QuantityError> {
    let holding = variant.agreed.iter().filter(|agreed| agreed.holds(buyer, variant.currency, at));
    let agreed = holding.max_by_key(|agreed| agreed.rank());
    let terms = agreed.map_or(&variant.own, |agreed| &agreed.terms).borrowed();
    let unit = unit_price(&terms, quantity)?;
    let rung = quantity::rung(&terms, quantity);
    let tax = variant.tax_class.and_then(|class| Tax::at(class, variant.tax_included, at));
    let mut reasons = vec![agreed.map_or(PriceReason::OwnPrice, source)];
    reasons.extend(rung.map(|min_quantity| PriceReason::Rung { min_quantity }));
    reasons.extend(tax.map(|tax| PriceReason::Tax {
        class: tax.class,
        basis_points: tax.basis_points,
        included: tax.included,
    }));
    let unit = Money::new(unit, variant.currency);
    Ok(Price { unit, rung: rung.unwrap_or(1), reasons: PriceReasons(reasons), tax })
}

const fn source(agreed: &AgreedTerms) -> PriceReason {
    let price_list_id = agreed.list;
    match agreed.with {
        AgreedWith::Buyer(_) => PriceReason::BuyerPriceList { price_list_id },
        AgreedWith::Group(_) => PriceReason::GroupPriceList { price_list_id },
    }
}
