//! A buyer's money between payment and receipt.

use crate::Payment;
use chrono::{DateTime, Utc};
use db::{DbError, TenantTx, schema::escrows};
use diesel::prelude::*;
use kernel::{Currency, Money, ids::OrderId, text_enum};
use ledger::{AccountKey, AccountKind, BalancedEntry, Leg, PostError, post};

/// Ten thousand basis points are the whole.
const WHOLE: i64 = 10_000;

text_enum! {
    /// Where a buyer's money is.
    pub enum EscrowStatus {
        /// Held, at least a part of it.
        Held = "held",
        /// All given to the seller.
        Released = "released",
        /// All sent back to the buyer.
        Refunded = "refunded",
        /// Some to the seller, some to the buyer, none left.
        Split = "split",
    }
}

/// The money held for one order, in minor units.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = escrows)]
pub struct Escrow {
    /// The order.
    pub order_id: OrderId,
    /// Where the money is.
    pub status: EscrowStatus,
    /// The currency.
    pub currency: Currency,
    /// All that came in.
    pub funded: i64,
    /// Given to the seller, the platform's share included.
    pub released: i64,
    /// Sent back.
    pub refunded: i64,
    /// On its way back.
    pub refunding: i64,
    /// When the first of it came.
    pub created_at: DateTime<Utc>,
}

impl Escrow {
    /// What is held, money on its way back included (INV-P5).
    pub const fn held(&self) -> i64 {
        self.funded - self.released - self.refunded
    }

    /// What is held and promised to nobody.
    pub const fn free(&self) -> i64 {
        self.held() - self.refunding
    }

    /// The status that follows from the amounts.
    pub(crate) const fn settled_status(&self) -> EscrowStatus {
        match (self.held(), self.released, self.refunded) {
            (0, 0, _) => EscrowStatus::Refunded,
            (0, _, 0) => EscrowStatus::Released,
            (0, _, _) => EscrowStatus::Split,
            _ => EscrowStatus::Held,
        }
    }
}

/// What a release gave to whom, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Released {
    /// To the seller.
    pub to_seller: Money,
    /// The platform's share.
    pub commission: Money,
}

/// Why nothing was released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// Nothing is held for this order.
    #[error("nothing is held for this order")]
    NothingHeld,
    /// Money is on its way back to the buyer; wait for the outcome.
    #[error("a refund is under way")]
    RefundUnderWay,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The account of an order's escrow.
pub(crate) fn account(order: OrderId) -> AccountKey {
    AccountKey::detailed(AccountKind::Escrow, order)
}

/// The account of money at the provider.
pub(crate) fn clearing() -> AccountKey {
    AccountKey::detailed(AccountKind::Clearing, crate::Gateway::PROVIDER)
}

/// Posts an entry that our own rows have shown to be possible; what the ledger still refuses is a fault of ours.
pub(crate) fn book(tx: &mut TenantTx<'_>, source: String, legs: Vec<Leg>) -> Result<bool, DbError> {
    let corrupt = |error: String| DbError::Corrupt(format!("ledger: {error}"));
    let entry = BalancedEntry::new(source, legs).map_err(|error| corrupt(error.to_string()))?;
    match post(tx, &entry) {
        Ok(posted) => Ok(posted.fresh),
        Err(PostError::Db(error)) => Err(error),
        Err(error) => Err(corrupt(error.to_string())),
    }
}

/// Holds a payment that has come. Repeating it changes nothing.
pub(crate) fn hold(tx: &mut TenantTx<'_>, payment: &Payment) -> Result<(), DbError> {
    let legs = vec![Leg::debit(clearing(), payment.money()), Leg::credit(account(payment.order_id), payment.money())];
    if !book(tx, format!("escrow.hold {}", payment.id), legs)? {
        return Ok(());
    }
    let row = (
        escrows::order_id.eq(payment.order_id),
        escrows::status.eq(EscrowStatus::Held),
        escrows::currency.eq(payment.currency),
        escrows::funded.eq(payment.amount),
        escrows::created_at.eq(tx.now()),
        escrows::updated_at.eq(tx.now()),
    );
    diesel::insert_into(escrows::table)
        .values(row)
        .on_conflict((escrows::tenant_id, escrows::order_id))
        .do_update()
        .set((
            escrows::funded.eq(escrows::funded + payment.amount),
            escrows::status.eq(EscrowStatus::Held),
            escrows::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Gives what is held for an order, but no more than `owed_minor`, to the seller, less the platform's share in basis points,
/// rounded half to even. More than is owed is held when a payment came twice and could not be sent back: it stays the buyer's.
///
/// The caller holds the lock on the order and releases once.
pub fn release(
    tx: &mut TenantTx<'_>,
    order: OrderId,
    owed_minor: i64,
    basis_points: i64,
) -> Result<Released, ReleaseError> {
    let mut escrow = lock(tx, order)?.filter(|escrow| escrow.held() > 0).ok_or(ReleaseError::NothingHeld)?;
    if escrow.refunding > 0 {
        return Err(ReleaseError::RefundUnderWay);
    }
    let out_of_range = |error: kernel::money::MoneyError| DbError::Corrupt(error.to_string());
    let held = Money::new(escrow.held().min(owed_minor), escrow.currency);
    let commission = held.share(basis_points, WHOLE).map_err(out_of_range)?;
    let to_seller = held.minus(commission).map_err(out_of_range)?;
    let mut legs = vec![Leg::debit(account(order), held)];
    for (kind, amount) in [(AccountKind::Available, to_seller), (AccountKind::PlatformFee, commission)] {
        if amount.amount_minor > 0 {
            legs.push(Leg::credit(AccountKey::of(kind), amount));
        }
    }
    book(tx, format!("escrow.release {order}"), legs)?;
    escrow.released += held.amount_minor;
    save(tx, &escrow)?;
    Ok(Released { to_seller, commission })
}

pub(crate) fn lock(tx: &mut TenantTx<'_>, order: OrderId) -> Result<Option<Escrow>, DbError> {
    Ok(escrows::table
        .filter(escrows::tenant_id.eq(tx.tenant()))
        .filter(escrows::order_id.eq(order))
        .select(Escrow::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Stores changed amounts with the status that follows from them.
pub(crate) fn save(tx: &mut TenantTx<'_>, escrow: &Escrow) -> Result<(), DbError> {
    diesel::update(escrows::table)
        .filter(escrows::tenant_id.eq(tx.tenant()))
        .filter(escrows::order_id.eq(escrow.order_id))
        .set((
            escrows::released.eq(escrow.released),
            escrows::refunded.eq(escrow.refunded),
            escrows::refunding.eq(escrow.refunding),
            escrows::status.eq(escrow.settled_status()),
            escrows::updated_at.eq(tx.now()),
        ))
        .execute(tx.conn())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ids::Id;
    use proptest::prelude::*;

    fn escrow(funded: i64, released: i64, refunded: i64) -> Escrow {
        let at = DateTime::UNIX_EPOCH;
        let (status, currency) = (EscrowStatus::Held, Currency::Cny);
        Escrow {
            order_id: OrderId::new(at),
            status,
            currency,
            funded,
            released,
            refunded,
            refunding: 0,
            created_at: at,
        }
    }

    proptest! {
        #[test]
        fn is_held_exactly_while_something_is_held(funded in 1_i64..1000, a in 0_i64..1000, b in 0_i64..1000) {
            let released = a.min(funded);
            let refunded = b.min(funded - released);
            let escrow = escrow(funded, released, refunded);
            prop_assert_eq!(escrow.settled_status() == EscrowStatus::Held, escrow.held() > 0);
        }

        #[test]
        fn the_shares_of_a_release_are_the_whole(held in 1_i64..i64::MAX / 2, points in 0_i64..=WHOLE) {
            let held = Money::new(held, Currency::Cny);
            let commission = held.share(points, WHOLE).unwrap();
            let seller = held.minus(commission).unwrap();
            prop_assert!(commission.amount_minor >= 0 && seller.amount_minor >= 0);
            prop_assert_eq!(seller.plus(commission).unwrap(), held);
        }
    }

    #[test]
    fn the_end_tells_who_got_it() {
        assert_eq!(escrow(9, 9, 0).settled_status(), EscrowStatus::Released);
        assert_eq!(escrow(9, 0, 9).settled_status(), EscrowStatus::Refunded);
        assert_eq!(escrow(9, 4, 5).settled_status(), EscrowStatus::Split);
    }
}
