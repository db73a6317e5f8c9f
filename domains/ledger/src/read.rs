//! What a book says: accounts, entries, and the firm's balances.

use crate::{AccountKind, Side, Totals};
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{ledger_accounts, ledger_balances, ledger_entries, ledger_postings},
};
use diesel::prelude::*;
use kernel::{
    Currency,
    ids::{AccountId, EntryId},
    pages::{Page, PageRequest},
};
use std::collections::{BTreeMap, HashMap};

/// One account with its totals.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name in the book.
    pub key: String,
    /// What it is for.
    pub kind: AccountKind,
    /// Its currency.
    pub currency: Currency,
    /// Everything posted to it, in minor units.
    pub totals: Totals,
}

/// One posting of an entry.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The account's id.
    pub account_id: AccountId,
    /// The account's name in the book.
    pub account: String,
    /// The side.
    pub side: Side,
    /// The amount in minor units, positive.
    pub amount_minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// One entry with its postings.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// What caused it.
    pub source: String,
    /// When it was posted.
    pub posted_at: DateTime<Utc>,
    /// Its postings in their order.
    pub postings: Vec<Posting>,
}

/// What a firm has in one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// The currency.
    pub currency: Currency,
    /// Held for orders under way, or not yet available for another reason.
    pub pending_minor: i64,
    /// Can be paid out.
    pub available_minor: i64,
    /// Held back.
    pub frozen_minor: i64,
}

type AccountRow = (AccountId, String, AccountKind, Currency, i64, i64);

macro_rules! accounts_of {
    ($tx:expr) => {
        ledger_accounts::table
            .inner_join(
                ledger_balances::table.on(ledger_balances::tenant_id
                    .eq(ledger_accounts::tenant_id)
                    .and(ledger_balances::account_id.eq(ledger_accounts::id))),
            )
            .filter(ledger_accounts::tenant_id.eq($tx.tenant()))
            .filter(ledger_balances::tenant_id.eq($tx.tenant()))
            .select((
                ledger_accounts::id,
                ledger_accounts::key,
                ledger_accounts::kind,
                ledger_accounts::currency,
                ledger_balances::debits,
                ledger_balances::credits,
            ))
    };
}

/// Accounts of the book in the order of their opening, newest first.
pub fn accounts(tx: &mut TenantTx<'_>, page: &PageRequest<AccountId>) -> Result<Page<Account, AccountId>, DbError> {
    let mut query = accounts_of!(tx).order(ledger_accounts::id.desc()).limit(page.fetch()).into_boxed();
    if let Some(after) = page.after {
        query = query.filter(ledger_accounts::id.lt(after));
    }
    let rows: Vec<AccountRow> = query.load(tx.conn())?;
    let accounts = rows
        .into_iter()
        .map(|(id, key, kind, currency, debits, credits)| Account {
            id,
            key,
            kind,
            currency,
            totals: Totals { debits, credits },
        })
        .collect();
    Ok(Page::of(accounts, page, |account| account.id))
}

/// Entries of the book, newest first; of one account only, if one is given.
pub fn entries(
    tx: &mut TenantTx<'_>,
    account: Option<AccountId>,
    page: &PageRequest<EntryId>,
) -> Result<Page<Entry, EntryId>, DbError> {
    let tenant = tx.tenant();
    let mut query = ledger_entries::table
        .filter(ledger_entries::tenant_id.eq(tenant))
        .order(ledger_entries::id.desc())
        .limit(page.fetch())
        .select((ledger_entries::id, ledger_entries::source, ledger_entries::posted_at))
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(ledger_entries::id.lt(after));
    }
    if let Some(account) = account {
        let touching = ledger_postings::table
            .filter(ledger_postings::tenant_id.eq(tenant))
            .filter(ledger_postings::account_id.eq(account))
            .select(ledger_postings::entry_id);
        query = query.filter(ledger_entries::id.eq_any(touching));
    }
    let rows: Vec<(EntryId, String, DateTime<Utc>)> = query.load(tx.conn())?;
    let page = Page::of(rows, page, |row| row.0);
    let ids: Vec<EntryId> = page.data.iter().map(|row| row.0).collect();
    let mut postings = postings(tx, &ids)?;
    Ok(page.map(|(id, source, posted_at)| Entry {
        id,
        source,
        posted_at,
        postings: postings.remove(&id).unwrap_or_default(),
    }))
}

fn postings(tx: &mut TenantTx<'_>, entries: &[EntryId]) -> Result<HashMap<EntryId, Vec<Posting>>, DbError> {
    let rows: Vec<(EntryId, AccountId, String, Side, i64, Currency)> = ledger_postings::table
        .inner_join(
            ledger_accounts::table.on(ledger_accounts::tenant_id
                .eq(ledger_postings::tenant_id)
                .and(ledger_accounts::id.eq(ledger_postings::account_id))),
        )
        .filter(ledger_postings::tenant_id.eq(tx.tenant()))
        .filter(ledger_accounts::tenant_id.eq(tx.tenant()))
        .filter(ledger_postings::entry_id.eq_any(entries))
        .order((ledger_postings::entry_id, ledger_postings::position))
        .select((
            ledger_postings::entry_id,
            ledger_postings::account_id,
            ledger_accounts::key,
            ledger_postings::side,
            ledger_postings::amount,
            ledger_postings::currency,
        ))
        .load(tx.conn())?;
    let mut by_entry: HashMap<EntryId, Vec<Posting>> = HashMap::new();
    for (entry, account_id, account, side, amount_minor, currency) in rows {
        by_entry.entry(entry).or_default().push(Posting { account_id, account, side, amount_minor, currency });
    }
    Ok(by_entry)
}

/// The firm's balances by currency. Money in escrow counts as pending: it is the firm's once the buyer has confirmed.
pub fn balances(tx: &mut TenantTx<'_>) -> Result<Vec<Balance>, DbError> {
    use AccountKind::{Available, Escrow, Frozen, Pending};
    let rows: Vec<AccountRow> = accounts_of!(tx)
        .filter(ledger_accounts::kind.eq_any([Available, Escrow, Frozen, Pending]))
        .filter(ledger_balances::credits.gt(0))
        // Every order has had an escrow; those that are empty now say nothing and grow without end.
        .filter(ledger_accounts::kind.ne(Escrow).or(ledger_balances::debits.ne(ledger_balances::credits)))
        .load(tx.conn())?;
    let mut balances: BTreeMap<Currency, Balance> = BTreeMap::new();
    for (_, _, kind, currency, debits, credits) in rows {
        let empty = Balance { currency, pending_minor: 0, available_minor: 0, frozen_minor: 0 };
        let balance = balances.entry(currency).or_insert(empty);
        let part = match kind {
            Available => &mut balance.available_minor,
            Frozen => &mut balance.frozen_minor,
            _ => &mut balance.pending_minor,
        };
        *part += Totals { debits, credits }.balance(kind);
    }
    Ok(balances.into_values().collect())
}
