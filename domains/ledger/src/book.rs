//! What an entry does to running totals: pure, so that it can be tried against an oracle.

use crate::{AccountKey, AccountKind, Leg, Side};
use kernel::Currency;
use std::collections::BTreeMap;

/// Everything that was ever posted to an account, in minor units of its currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sum of debits.
    pub debits: i64,
    /// Sum of credits.
    pub credits: i64,
}

impl Totals {
    /// The balance, positive on the kind's normal side.
    pub const fn balance(self, kind: AccountKind) -> i64 {
        match kind.normal_side() {
            Side::Debit => self.debits - self.credits,
            Side::Credit => self.credits - self.debits,
        }
    }

    fn plus(self, side: Side, amount: i64) -> Option<Self> {
        Some(match side {
            Side::Debit => Self { debits: self.debits.checked_add(amount)?, ..self },
            Side::Credit => Self { credits: self.credits.checked_add(amount)?, ..self },
        })
    }
}

/// An account that must not go below zero would have to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{account} holds too little")]
pub struct InsufficientFunds {
    /// The account.
    pub account: AccountKey,
    /// Its currency.
    pub currency: Currency,
}

/// One account of a book: key and currency.
pub(crate) type AccountName = (AccountKey, Currency);

/// The totals after `legs`, of the accounts they touch. Refuses an entry that leaves a guarded account below zero (INV-L4) or
/// that totals cannot hold.
pub(crate) fn apply(
    before: &BTreeMap<AccountName, Totals>,
    legs: &[Leg],
) -> Result<BTreeMap<AccountName, Totals>, InsufficientFunds> {
    let mut after: BTreeMap<AccountName, Totals> = BTreeMap::new();
    for leg in legs {
        let name = (leg.account.clone(), leg.amount.currency);
        let present = after.get(&name).or_else(|| before.get(&name)).copied().unwrap_or_default();
        let refused = || InsufficientFunds { account: name.0.clone(), currency: name.1 };
        let totals = present.plus(leg.side, leg.amount.amount_minor).ok_or_else(refused)?;
        after.insert(name, totals);
    }
    match after.iter().find(|((key, _), totals)| key.kind().is_guarded() && totals.debits > totals.credits) {
        Some(((account, currency), _)) => Err(InsufficientFunds { account: account.clone(), currency: *currency }),
        None => Ok(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BalancedEntry;
    use kernel::Money;
    use proptest::prelude::*;

    const KINDS: [AccountKind; 5] = [
        AccountKind::Clearing,
        AccountKind::Escrow,
        AccountKind::Available,
        AccountKind::PlatformFee,
        AccountKind::ProviderFee,
    ];

    fn entry() -> impl Strategy<Value = Vec<(usize, usize, i64)>> {
        proptest::collection::vec((0..KINDS.len(), 0..KINDS.len(), 1_i64..10_000), 1..4)
    }

    fn legs(moves: &[(usize, usize, i64)]) -> Vec<Leg> {
        let leg = |kind: usize| AccountKey::of(KINDS[kind]);
        moves
            .iter()
            .flat_map(|(from, to, amount)| {
                let amount = Money::new(*amount, Currency::Cny);
                [Leg::debit(leg(*from), amount), Leg::credit(leg(*to), amount)]
            })
            .collect()
    }

    proptest! {
        /// The oracle keeps one signed sum per account and knows nothing of sides, names or currencies.
        #[test]
        fn agrees_with_an_oracle_of_signed_sums(entries in proptest::collection::vec(entry(), 1..60)) {
            let mut book: BTreeMap<AccountName, Totals> = BTreeMap::new();
            let mut oracle = [0_i64; KINDS.len()];
            for moves in &entries {
                let mut next = oracle;
                for (from, to, amount) in moves {
                    next[*from] -= amount;
                    next[*to] += amount;
                }
                let allowed = next[1] >= 0 && next[2] >= 0;
                let posted = BalancedEntry::new("x", legs(moves)).unwrap();
                let result = apply(&book, posted.legs());
                prop_assert_eq!(result.is_ok(), allowed);
                if let Ok(after) = result {
                    book.extend(after);
                    oracle = next;
                }
            }
            for (index, kind) in KINDS.iter().enumerate() {
                let totals = book.get(&(AccountKey::of(*kind), Currency::Cny)).copied().unwrap_or_default();
                prop_assert_eq!(totals.credits - totals.debits, oracle[index]);
            }
            let (debits, credits) = book.values().fold((0, 0), |(d, c), t| (d + t.debits, c + t.credits));
            prop_assert_eq!(debits, credits);
        }
    }

    #[test]
    fn totals_never_wrap() {
        let most = Money::new(i64::MAX, Currency::Cny);
        let legs = [
            Leg::debit(AccountKey::of(AccountKind::Clearing), most),
            Leg::credit(AccountKey::of(AccountKind::Bank), most),
        ];
        let after = apply(&BTreeMap::new(), &legs).unwrap();
        assert!(apply(&after, &legs).is_err());
    }
}
