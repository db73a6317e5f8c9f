//! An entry that balances by construction.

use crate::{AccountKey, Side};
use kernel::{Currency, Money};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One posting to be: an amount on one side of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub(crate) account: AccountKey,
    pub(crate) side: Side,
    pub(crate) amount: Money,
}

impl Leg {
    /// An amount on the left side.
    pub const fn debit(account: AccountKey, amount: Money) -> Self {
        Self { account, side: Side::Debit, amount }
    }

    /// An amount on the right side.
    pub const fn credit(account: AccountKey, amount: Money) -> Self {
        Self { account, side: Side::Credit, amount }
    }
}

/// Why legs make no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// Fewer than two legs, or more than fit one entry.
    #[error("an entry has at least two postings and at most {}", i16::MAX)]
    Count,
    /// A leg moves nothing or a negative amount.
    #[error("a posting's amount must be positive")]
    NotPositive,
    /// Debits and credits differ in this currency.
    #[error("debits and credits differ in {0}")]
    Unbalanced(Currency),
}

/// An entry whose debits equal its credits in each currency: the only thing that can be posted (INV-L1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalancedEntry {
    source: String,
    legs: Vec<Leg>,
}

impl BalancedEntry {
    /// Checks the legs. `source` names the cause, for example `escrow.hold pay_...`: one cause, one entry.
    pub fn new(source: impl Into<String>, legs: Vec<Leg>) -> Result<Self, EntryError> {
        if legs.len() < 2 || i16::try_from(legs.len()).is_err() {
            return Err(EntryError::Count);
        }
        let mut sums: BTreeMap<Currency, i128> = BTreeMap::new();
        for leg in &legs {
            if leg.amount.amount_minor <= 0 {
                return Err(EntryError::NotPositive);
            }
            let amount = i128::from(leg.amount.amount_minor);
            *sums.entry(leg.amount.currency).or_default() += if leg.side == Side::Debit { amount } else { -amount };
        }
        match sums.iter().find(|(_, sum)| **sum != 0) {
            Some((currency, _)) => Err(EntryError::Unbalanced(*currency)),
            None => Ok(Self { source: source.into(), legs }),
        }
    }

    /// What caused the entry.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its postings to be.
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// A digest of the legs in their order.
    pub(crate) fn content(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for leg in &self.legs {
            let Money { amount_minor, currency } = leg.amount;
            hash.update(format!("{} {} {amount_minor} {currency}\n", leg.account, leg.side));
        }
        hash.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccountKind;

    fn leg(kind: AccountKind, side: Side, amount: i64, currency: Currency) -> Leg {
        Leg { account: AccountKey::of(kind), side, amount: Money::new(amount, currency) }
    }

    #[test]
    fn each_currency_balances_by_itself() {
        use AccountKind::{Available, Clearing};
        let mixed =
            vec![leg(Clearing, Side::Debit, 100, Currency::Cny), leg(Available, Side::Credit, 100, Currency::Usd)];
        assert_eq!(BalancedEntry::new("x", mixed), Err(EntryError::Unbalanced(Currency::Cny)));
        let both = vec![
            leg(Clearing, Side::Debit, 100, Currency::Cny),
            leg(Available, Side::Credit, 100, Currency::Cny),
            leg(Clearing, Side::Debit, 7, Currency::Usd),
            leg(Available, Side::Credit, 7, Currency::Usd),
        ];
        assert!(BalancedEntry::new("x", both).is_ok());
    }

    #[test]
    fn one_leg_nothing_or_less_is_no_entry() {
        use AccountKind::{Available, Clearing};
        let one = vec![leg(Clearing, Side::Debit, 1, Currency::Cny)];
        assert_eq!(BalancedEntry::new("x", one), Err(EntryError::Count));
        for amount in [0, -1] {
            let legs = vec![
                leg(Clearing, Side::Debit, amount, Currency::Cny),
                leg(Available, Side::Credit, amount, Currency::Cny),
            ];
            assert_eq!(BalancedEntry::new("x", legs), Err(EntryError::NotPositive));
        }
    }

    #[test]
    fn content_tells_entries_apart() {
        let entry = |amount| {
            let legs = vec![
                leg(AccountKind::Clearing, Side::Debit, amount, Currency::Cny),
                leg(AccountKind::Available, Side::Credit, amount, Currency::Cny),
            ];
            BalancedEntry::new("x", legs).unwrap().content()
        };
        assert_eq!(entry(5), entry(5));
        assert_ne!(entry(5), entry(6));
    }
}
