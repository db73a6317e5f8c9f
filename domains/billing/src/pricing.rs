//! What a month's use costs: pure arithmetic.

use kernel::{Money, money::MoneyError};

/// The price of `used` when `included` is free and each started `unit` beyond it costs `unit_price`.
pub(crate) fn charge(used: i64, included: i64, unit: i64, unit_price: Money) -> Result<Money, MoneyError> {
    let beyond = used.saturating_sub(included).max(0);
    let units = beyond.checked_add(unit - 1).ok_or(MoneyError::OutOfRange)? / unit;
    unit_price.times(units)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Currency;
    use proptest::prelude::*;

    #[test]
    fn what_is_included_is_free_and_a_started_unit_is_a_whole_one() {
        let price = Money::new(7, Currency::Cny);
        for (used, amount) in [(0, 0), (100, 0), (101, 7), (110, 7), (111, 14)] {
            assert_eq!(charge(used, 100, 10, price).unwrap().amount_minor, amount, "{used}");
        }
    }

    proptest! {
        #[test]
        fn more_use_never_costs_less(a in 0_i64..1_000_000, b in 0_i64..1_000_000, unit in 1_i64..1_000) {
            let price = Money::new(3, Currency::Cny);
            let (less, more) = (a.min(b), a.max(b));
            prop_assert!(charge(less, 500, unit, price).unwrap().amount_minor <= charge(more, 500, unit, price).unwrap().amount_minor);
        }
    }
}
