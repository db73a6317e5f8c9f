//! Value-added tax: rates with the days on which they hold, and a sum's tax.

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use kernel::{
    Money,
    money::{MoneyError, divide_half_even},
    text_enum,
};

text_enum! {
    /// Which rate of China's value-added tax holds for a product.
    pub enum TaxClass {
        /// Goods.
        Standard = "standard",
        /// Farm products, books, utilities, transport and building.
        Reduced = "reduced",
        /// Services and intangible goods.
        Services = "services",
        /// Anything sold by a small-scale taxpayer.
        SmallScale = "small_scale",
        /// Exports.
        Zero = "zero",
        /// Exempt from tax.
        Exempt = "exempt",
    }
}

/// A rate that holds from a day on, until the next row of its class.
struct Rate {
    class: TaxClass,
    from: &'static str,
    basis_points: i64,
}

const fn rate(class: TaxClass, from: &'static str, basis_points: i64) -> Rate {
    Rate { class, from, basis_points }
}

/// The rates as the law has set them, with the days on which they came into force; later days below earlier ones of their class.
/// A new law adds a row; what was frozen before keeps the rate it had.
const RATES: &[Rate] = &[
    rate(TaxClass::Standard, "2018-05-01", 1_600),
    rate(TaxClass::Standard, "2019-04-01", 1_300),
    rate(TaxClass::Reduced, "2018-05-01", 1_000),
    rate(TaxClass::Reduced, "2019-04-01", 900),
    rate(TaxClass::Services, "2016-05-01", 600),
    rate(TaxClass::SmallScale, "2016-05-01", 300),
    // Relief for small-scale taxpayers: 1 % until the end of 2027, then the levy of 3 % again.
    rate(TaxClass::SmallScale, "2023-01-01", 100),
    rate(TaxClass::SmallScale, "2028-01-01", 300),
    rate(TaxClass::Zero, "2016-05-01", 0),
    rate(TaxClass::Exempt, "2016-05-01", 0),
];

/// Seconds by which a day in China begins earlier than in UTC.
const CHINA: i32 = 8 * 3_600;

/// The tax on a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tax {
    /// Which rate.
    pub class: TaxClass,
    /// The rate in hundredths of a percent.
    pub basis_points: i64,
    /// Whether the price contains it.
    pub included: bool,
}

impl Tax {
    /// The tax of a class on the day, in China, of an instant; none before the first day for which a rate is known.
    pub fn at(class: TaxClass, included: bool, at: DateTime<Utc>) -> Option<Self> {
        let day = FixedOffset::east_opt(CHINA).map_or(at.date_naive(), |zone| at.with_timezone(&zone).date_naive());
        let begun = |rate: &&Rate| rate.from.parse::<NaiveDate>().is_ok_and(|from| from <= day);
        let rate = RATES.iter().filter(|rate| rate.class == class).rfind(begun)?;
        Some(Self { class, basis_points: rate.basis_points, included })
    }
}

/// The tax of a sum: what it contains, or what is added to it, rounded half to even.
pub fn tax_of(sum: Money, tax: Tax) -> Result<Money, MoneyError> {
    let (amount, rate) = (i128::from(sum.amount_minor), i128::from(tax.basis_points));
    if tax.included {
        let net = divide_half_even(amount * 10_000, 10_000 + rate)?;
        return sum.minus(Money::new(net, sum.currency));
    }
    Ok(Money::new(divide_half_even(amount * rate, 10_000)?, sum.currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Currency;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn every_row_has_a_day_and_rows_of_a_class_rise() {
        for class in TaxClass::ALL {
            let days: Vec<NaiveDate> =
                RATES.iter().filter(|rate| rate.class == *class).map(|rate| rate.from.parse().unwrap()).collect();
            assert!(!days.is_empty() && days.is_sorted(), "{class}");
        }
    }

    #[test]
    fn a_rate_changes_at_midnight_in_china() {
        let rate = |class, text| Tax::at(class, true, at(text)).map(|tax| tax.basis_points);
        assert_eq!(rate(TaxClass::Standard, "2019-03-31T15:59:59Z"), Some(1_600));
        assert_eq!(rate(TaxClass::Standard, "2019-03-31T16:00:00Z"), Some(1_300));
        assert_eq!(rate(TaxClass::SmallScale, "2027-12-31T15:59:59Z"), Some(100));
        assert_eq!(rate(TaxClass::SmallScale, "2027-12-31T16:00:00Z"), Some(300));
        assert_eq!(rate(TaxClass::Standard, "2001-01-01T00:00:00Z"), None);
    }

    #[test]
    fn contained_tax_and_what_is_left_are_the_whole() {
        for (gross, class, tax) in [
            (11_300, TaxClass::Standard, 1_300),
            (10_000, TaxClass::Standard, 1_150),
            (10_000, TaxClass::Reduced, 826),
            (10_000, TaxClass::Services, 566),
            (10_000, TaxClass::SmallScale, 99),
            (10_000, TaxClass::Zero, 0),
        ] {
            let rate = Tax::at(class, true, at("2026-01-01T00:00:00Z")).unwrap();
            assert_eq!(tax_of(Money::new(gross, Currency::Cny), rate), Ok(Money::new(tax, Currency::Cny)), "{class}");
        }
        let added = Tax::at(TaxClass::Standard, false, at("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(tax_of(Money::new(10_000, Currency::Cny), added), Ok(Money::new(1_300, Currency::Cny)));
    }
}
