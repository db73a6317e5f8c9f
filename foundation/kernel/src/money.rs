//! Money in integer minor units. Nothing here rounds silently, wraps or uses a float.

use crate::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// A currency by its ISO 4217 code.
    pub enum Currency {
        /// Chinese yuan, 2 minor digits.
        Cny = "CNY",
        /// Hong Kong dollar, 2 minor digits.
        Hkd = "HKD",
        /// United States dollar, 2 minor digits.
        Usd = "USD",
        /// Euro, 2 minor digits.
        Eur = "EUR",
        /// Pound sterling, 2 minor digits.
        Gbp = "GBP",
        /// Singapore dollar, 2 minor digits.
        Sgd = "SGD",
        /// Japanese yen, no minor digits.
        Jpy = "JPY",
    }
}

impl Currency {
    /// Digits after the decimal point (ISO 4217).
    pub const fn minor_digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Cny | Self::Hkd | Self::Usd | Self::Eur | Self::Gbp | Self::Sgd => 2,
        }
    }
}

/// Why a sum of money could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The result does not fit 64 bits.
    #[error("amount out of range")]
    OutOfRange,
    /// The two amounts are of different currencies.
    #[error("currencies differ")]
    CurrencyMismatch,
    /// There is nothing to split an amount over.
    #[error("weights must be positive in sum and none negative")]
    BadWeights,
}

/// An amount in minor units (fen, cents) of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// The amount in minor units.
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// Nothing, of a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// For people: `CNY 1,234.56`.
    pub fn display(self) -> String {
        let scale = 10_u64.pow(self.currency.minor_digits());
        let (whole, minor) = (self.amount_minor.unsigned_abs() / scale, self.amount_minor.unsigned_abs() % scale);
        let digits = whole.to_string();
        let grouped: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().filter_map(|c| std::str::from_utf8(c).ok()).collect();
        let sign = if self.amount_minor < 0 { "-" } else { "" };
        let fraction = match self.currency.minor_digits() {
            0 => String::new(),
            width => format!(".{minor:0width$}", width = usize::try_from(width).unwrap_or_default()),
        };
        format!("{} {sign}{}{fraction}", self.currency, grouped.join(","))
    }

    /// The sum of two amounts of one currency.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference of two amounts of one currency; may be negative.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// A price times a quantity.
    pub fn times(self, quantity: i64) -> Result<Self, MoneyError> {
        let amount = self.amount_minor.checked_mul(quantity).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::new(amount, self.currency))
    }

    /// `part / whole` of this amount, rounded half to even.
    pub fn share(self, part: i64, whole: i64) -> Result<Self, MoneyError> {
        let product = i128::from(self.amount_minor) * i128::from(part);
        Ok(Self::new(divide_half_even(product, i128::from(whole))?, self.currency))
    }

    /// Splits this amount over weights so that the parts sum to it exactly: largest remainder, ties by position.
    pub fn allocate(self, weights: &[i64]) -> Result<Vec<Self>, MoneyError> {
        let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        if total <= 0 || weights.iter().any(|w| *w < 0) {
            return Err(MoneyError::BadWeights);
        }
        let amount = i128::from(self.amount_minor);
        let mut parts: Vec<i128> = weights.iter().map(|w| (amount * i128::from(*w)).div_euclid(total)).collect();
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|i| std::cmp::Reverse((amount * i128::from(weights[*i])).rem_euclid(total)));
        let missing = amount - parts.iter().sum::<i128>();
        for index in by_remainder.into_iter().take(usize::try_from(missing).unwrap_or_default()) {
            parts[index] += 1;
        }
        parts
            .into_iter()
            .map(|part| i64::try_from(part).map(|p| Self::new(p, self.currency)).map_err(|_| MoneyError::OutOfRange))
            .collect()
    }

    fn combine(self, other: Self, f: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let amount = f(self.amount_minor, other.amount_minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self::new(amount, self.currency))
    }
}

/// Divides, rounding half to even (banker's rounding). `whole` must be positive.
pub fn divide_half_even(amount: i128, whole: i128) -> Result<i64, MoneyError> {
    if whole <= 0 {
        return Err(MoneyError::BadWeights);
    }
    let (quotient, remainder) = (amount.div_euclid(whole), amount.rem_euclid(whole));
    let up = match (remainder * 2).cmp(&whole) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Greater => 1,
        std::cmp::Ordering::Equal => quotient.rem_euclid(2),
    };
    i64::try_from(quotient + up).map_err(|_| MoneyError::OutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(amount: i64, weights in proptest::collection::vec(0_i64..1_000_000, 1..20)) {
            prop_assume!(weights.iter().sum::<i64>() > 0);
            let parts = Money::new(amount, Currency::Cny).allocate(&weights).unwrap();
            prop_assert_eq!(parts.iter().map(|p| i128::from(p.amount_minor)).sum::<i128>(), i128::from(amount));
        }
    }

    #[test]
    fn splits_by_largest_remainder_with_ties_by_position() {
        let parts = Money::new(100, Currency::Cny).allocate(&[1, 1, 1]).unwrap();
        assert_eq!(parts.iter().map(|p| p.amount_minor).collect::<Vec<_>>(), [34, 33, 33]);
    }

    #[test]
    fn shows_amounts_to_people() {
        for (money, text) in [
            (Money::new(123_456, Currency::Cny), "CNY 1,234.56"),
            (Money::new(-5, Currency::Usd), "USD -0.05"),
            (Money::new(1_000_000, Currency::Jpy), "JPY 1,000,000"),
        ] {
            assert_eq!(money.display(), text);
        }
    }

    #[test]
    fn rounds_half_to_even() {
        for (amount, rounded) in [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (26, 3)] {
            assert_eq!(divide_half_even(amount, 10), Ok(rounded), "{amount}");
        }
    }

    #[test]
    fn never_wraps_and_never_mixes() {
        let most = Money::new(i64::MAX, Currency::Cny);
        assert_eq!(most.plus(Money::new(1, Currency::Cny)), Err(MoneyError::OutOfRange));
        assert_eq!(most.times(2), Err(MoneyError::OutOfRange));
        assert_eq!(most.plus(Money::zero(Currency::Usd)), Err(MoneyError::CurrencyMismatch));
    }
}
