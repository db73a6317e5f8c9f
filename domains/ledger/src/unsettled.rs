use crate::{AccountKind, Side};
use db::{
    DbError, TenantTx,
    schema::{ledger_accounts, ledger_balances},
};
use diesel::prelude::*;
use kernel::Currency;

/// Money that a firm has, is held for it, or that it owes, in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsettled {
    /// What kind of money.
    pub kind: AccountKind,
    /// The currency.
    pub currency: Currency,
    /// How much, in minor units.
    pub amount_minor: i64,
}

/// Accounts of a kind that must be empty before a firm may go: other people's money, and its own.
const MUST_BE_EMPTY: [AccountKind; 7] = [
    AccountKind::Pending,
    AccountKind::Available,
    AccountKind::Frozen,
    AccountKind::Debt,
    AccountKind::Escrow,
    AccountKind::Wallet,
    AccountKind::Dispute,
];

/// What the book holds that is not settled, by kind and currency; nothing for a firm that may go.
pub fn unsettled(tx: &mut TenantTx<'_>) -> Result<Vec<Unsettled>, DbError> {
    let same_account = ledger_balances::tenant_id
        .eq(ledger_accounts::tenant_id)
        .and(ledger_balances::account_id.eq(ledger_accounts::id));
    let rows: Vec<(AccountKind, Currency, i64, i64)> = ledger_accounts::table
        .inner_join(ledger_balances::table.on(same_account))
        .filter(ledger_accounts::tenant_id.eq(tx.tenant()))
        .filter(ledger_balances::tenant_id.eq(tx.tenant()))
        .filter(ledger_accounts::kind.eq_any(MUST_BE_EMPTY))
        .filter(ledger_balances::debits.ne(ledger_balances::credits))
        .order((ledger_accounts::kind, ledger_accounts::currency, ledger_accounts::id))
        .select((ledger_accounts::kind, ledger_accounts::currency, ledger_balances::debits, ledger_balances::credits))
        .load(tx.conn())?;
    let mut found: Vec<Unsettled> = Vec::new();
    for (kind, currency, debits, credits) in rows {
        let amount_minor = if kind.normal_side() == Side::Debit { debits - credits } else { credits - debits };
        match found.last_mut().filter(|last| last.kind == kind && last.currency == currency) {
            Some(last) => last.amount_minor += amount_minor,
            None => found.push(Unsettled { kind, currency, amount_minor }),
        }
    }
    Ok(found)
}
