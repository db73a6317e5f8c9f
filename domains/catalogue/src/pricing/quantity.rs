//! What a quantity costs by one ladder, and which quantities can be ordered.

use crate::variant::PriceTier;

/// The terms of a variant's sale.
#[derive(Debug, Clone, Copy)]
pub struct PriceTerms<'a> {
    /// Price of one unit below the first rung of the ladder, in minor units.
    pub price_minor: i64,
    /// The ladder: quantities strictly rising, prices not rising unless the seller lets them.
    pub tiers: &'a [PriceTier],
    /// The least that can be ordered; a positive multiple of `increment`.
    pub minimum: i64,
    /// The most that can be ordered; at least `minimum`.
    pub maximum: Option<i64>,
    /// Quantities are multiples of this; at least 1.
    pub increment: i64,
}

/// A quantity that cannot be ordered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("order at least {minimum} in steps of {increment}")]
pub struct QuantityError {
    /// The least that can be ordered.
    pub minimum: i64,
    /// The most that can be ordered.
    pub maximum: Option<i64>,
    /// Quantities are multiples of this.
    pub increment: i64,
    /// The nearest quantities that can be ordered, ascending: one or two.
    pub nearest: Vec<i64>,
}

/// The price of one unit when `quantity` units are ordered, in minor units: that of the deepest rung reached.
pub fn unit_price(terms: &PriceTerms<'_>, quantity: i64) -> Result<i64, QuantityError> {
    let nearest = nearest_quantities(terms, quantity);
    if nearest != [quantity] {
        let PriceTerms { minimum, maximum, increment, .. } = *terms;
        return Err(QuantityError { minimum, maximum, increment, nearest });
    }
    Ok(reached(terms, quantity).map_or(terms.price_minor, |tier| tier.price_minor))
}

/// The quantity of the rung that is reached, if one is.
pub(super) fn rung(terms: &PriceTerms<'_>, quantity: i64) -> Option<i64> {
    reached(terms, quantity).map(|tier| tier.min_quantity)
}

fn reached<'a>(terms: &PriceTerms<'a>, quantity: i64) -> Option<&'a PriceTier> {
    terms.tiers.iter().rev().find(|tier| tier.min_quantity <= quantity)
}

/// The quantities that can be ordered next to `quantity`; only itself if it can.
fn nearest_quantities(terms: &PriceTerms<'_>, quantity: i64) -> Vec<i64> {
    if quantity <= terms.minimum {
        return vec![terms.minimum];
    }
    let most = terms.maximum.map_or(i64::MAX, |maximum| maximum.max(terms.minimum));
    let last = most - most % terms.increment;
    if quantity >= last {
        return vec![last];
    }
    let below = quantity - quantity % terms.increment;
    let above = if below == quantity { None } else { below.checked_add(terms.increment) };
    std::iter::once(below).chain(above).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tier(min_quantity: i64, price_minor: i64) -> PriceTier {
        PriceTier { min_quantity, price_minor }
    }

    /// A base price, and a ladder as validation accepts it.
    fn ladder() -> impl Strategy<Value = (i64, Vec<PriceTier>)> {
        let steps = proptest::collection::vec((1_i64..1_000, 0_i64..500), 0..8);
        (5_000_i64..1_000_000, steps).prop_map(|(base, steps)| {
            let mut last = tier(1, base);
            let tiers = steps.into_iter().map(|(further, cheaper)| {
                last = tier(last.min_quantity + further, last.price_minor - cheaper);
                last
            });
            (base, tiers.collect())
        })
    }

    proptest! {
        #[test]
        fn the_unit_price_never_rises_with_the_quantity((price_minor, tiers) in ladder(), a in 1_i64..10_000, b in 1_i64..10_000) {
            let terms = PriceTerms { price_minor, tiers: &tiers, minimum: 1, maximum: None, increment: 1 };
            let (few, many) = (a.min(b), a.max(b));
            prop_assert!(unit_price(&terms, many).unwrap() <= unit_price(&terms, few).unwrap());
        }

        #[test]
        fn the_deepest_rung_reached_decides((price_minor, tiers) in ladder(), quantity in 1_i64..10_000) {
            let terms = PriceTerms { price_minor, tiers: &tiers, minimum: 1, maximum: None, increment: 1 };
            let mut expected = price_minor;
            for rung in &tiers {
                if quantity >= rung.min_quantity {
                    expected = rung.price_minor;
                }
            }
            prop_assert_eq!(unit_price(&terms, quantity), Ok(expected));
        }

        #[test]
        fn refusals_name_quantities_that_are_accepted_and_adjacent(increment in 1_i64..500, steps in 1_i64..20, more in proptest::option::of(0_i64..5_000), quantity in prop_oneof![any::<i64>(), 0_i64..20_000]) {
            let maximum = more.map(|more| increment * steps + more);
            let terms = PriceTerms { price_minor: 100, tiers: &[], minimum: increment * steps, maximum, increment };
            if let Err(refused) = unit_price(&terms, quantity) {
                prop_assert!(quantity < terms.minimum || quantity % increment != 0 || maximum.is_some_and(|most| quantity > most));
                prop_assert!(!refused.nearest.is_empty());
                for near in refused.nearest {
                    prop_assert_eq!(unit_price(&terms, near), Ok(100));
                    let edge = near == terms.minimum || maximum.is_some_and(|most| most - near < increment);
                    prop_assert!(edge || near.abs_diff(quantity) < increment.unsigned_abs());
                }
            } else {
                prop_assert!(quantity >= terms.minimum && quantity % increment == 0 && maximum.is_none_or(|most| quantity <= most));
            }
        }
    }

    #[test]
    fn examples() {
        let tiers = [tier(50, 980), tier(200, 900)];
        let terms = PriceTerms { price_minor: 1_200, tiers: &tiers, minimum: 20, maximum: None, increment: 10 };
        let prices = [20, 40, 50, 190, 200, 5_000].map(|quantity| unit_price(&terms, quantity).unwrap());
        assert_eq!(prices, [1_200, 1_200, 980, 980, 900, 900]);
        assert_eq!(unit_price(&terms, 3).unwrap_err().nearest, [20]);
        assert_eq!(unit_price(&terms, -7).unwrap_err().nearest, [20]);
        assert_eq!(unit_price(&terms, 44).unwrap_err().nearest, [40, 50]);
        assert_eq!(unit_price(&terms, i64::MAX).unwrap_err().nearest, [i64::MAX - 7]);
        let few = PriceTerms { maximum: Some(105), ..terms };
        assert_eq!(unit_price(&few, 100), Ok(980));
        assert_eq!(unit_price(&few, 105).unwrap_err().nearest, [100]);
        assert_eq!(unit_price(&few, 9_000).unwrap_err().nearest, [100]);
        assert_eq!(unit_price(&few, 93).unwrap_err().nearest, [90, 100]);
    }
}
