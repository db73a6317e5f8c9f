//! Writes an entry into the tenant's book.

use crate::{
    AccountKey, BalancedEntry, InsufficientFunds, Totals,
    book::{AccountName, apply},
};
use db::{
    DbError, TenantTx,
    schema::{ledger_accounts, ledger_balances, ledger_entries, ledger_postings},
};
use diesel::{connection::SimpleConnection, prelude::*};
use kernel::{
    Currency,
    ids::{AccountId, EntryId},
};
use std::collections::{BTreeMap, BTreeSet};

/// What posting came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// The entry.
    pub entry: EntryId,
    /// Whether this very call wrote it.
    pub fresh: bool,
}

/// Why nothing was posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// An account that must not go below zero would have to (INV-L4).
    #[error(transparent)]
    InsufficientFunds(#[from] InsufficientFunds),
    /// Another entry stands under this source (INV-L3).
    #[error("another entry was posted for the same cause")]
    Conflict,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Posts an entry: postings and balances in the caller's transaction. Repeating it is harmless (INV-L3).
///
/// The balances it touches are locked in the order of account ids until the transaction ends, so that two entries cannot
/// deadlock and a second post of the same source waits for the first.
pub fn post(tx: &mut TenantTx<'_>, entry: &BalancedEntry) -> Result<Posted, PostError> {
    let ids = open_accounts(tx, entry)?;
    let before = lock_balances(tx, &ids)?;
    if let Some((id, content)) = find(tx, entry.source())? {
        return if content == entry.content() {
            Ok(Posted { entry: id, fresh: false })
        } else {
            Err(PostError::Conflict)
        };
    }
    let after = apply(&before, entry.legs())?;
    for (name, totals) in &after {
        set_totals(tx, ids[name], *totals)?;
    }
    let id = insert(tx, entry, &ids)?;
    Ok(Posted { entry: id, fresh: true })
}

/// Makes the accounts an entry names, where they do not exist, and finds their ids.
fn open_accounts(tx: &mut TenantTx<'_>, entry: &BalancedEntry) -> Result<BTreeMap<AccountName, AccountId>, DbError> {
    let names: BTreeSet<AccountName> =
        entry.legs().iter().map(|leg| (leg.account.clone(), leg.amount.currency)).collect();
    let mut ids = BTreeMap::new();
    for (key, currency) in names {
        let id = match find_account(tx, &key, currency)? {
            Some(id) => id,
            None => open_account(tx, &key, currency)?,
        };
        ids.insert((key, currency), id);
    }
    Ok(ids)
}

fn find_account(tx: &mut TenantTx<'_>, key: &AccountKey, currency: Currency) -> Result<Option<AccountId>, DbError> {
    Ok(ledger_accounts::table
        .filter(ledger_accounts::tenant_id.eq(tx.tenant()))
        .filter(ledger_accounts::key.eq(key.to_string()))
        .filter(ledger_accounts::currency.eq(currency))
        .select(ledger_accounts::id)
        .first(tx.conn())
        .optional()?)
}

fn open_account(tx: &mut TenantTx<'_>, key: &AccountKey, currency: Currency) -> Result<AccountId, DbError> {
    let id: AccountId = tx.new_id();
    let row = (
        ledger_accounts::id.eq(id),
        ledger_accounts::key.eq(key.to_string()),
        ledger_accounts::kind.eq(key.kind()),
        ledger_accounts::currency.eq(currency),
        ledger_accounts::created_at.eq(tx.now()),
    );
    let inserted =
        diesel::insert_into(ledger_accounts::table).values(row).on_conflict_do_nothing().execute(tx.conn())?;
    if inserted == 0 {
        // Somebody opened it at the same moment.
        return find_account(tx, key, currency)?.ok_or_else(|| DbError::Corrupt("account cannot be opened".into()));
    }
    let balance = (ledger_balances::account_id.eq(id), ledger_balances::guarded.eq(key.kind().is_guarded()));
    diesel::insert_into(ledger_balances::table).values(balance).execute(tx.conn())?;
    Ok(id)
}

fn lock_balances(
    tx: &mut TenantTx<'_>,
    ids: &BTreeMap<AccountName, AccountId>,
) -> Result<BTreeMap<AccountName, Totals>, DbError> {
    let rows: Vec<(AccountId, i64, i64)> = ledger_balances::table
        .filter(ledger_balances::tenant_id.eq(tx.tenant()))
        .filter(ledger_balances::account_id.eq_any(ids.values()))
        .order(ledger_balances::account_id)
        .select((ledger_balances::account_id, ledger_balances::debits, ledger_balances::credits))
        .for_update()
        .load(tx.conn())?;
    let totals: BTreeMap<AccountId, Totals> =
        rows.into_iter().map(|(id, debits, credits)| (id, Totals { debits, credits })).collect();
    ids.iter()
        .map(|(name, id)| {
            let found = totals.get(id).ok_or_else(|| DbError::Corrupt(format!("{id} has no balance")))?;
            Ok((name.clone(), *found))
        })
        .collect()
}

fn find(tx: &mut TenantTx<'_>, source: &str) -> Result<Option<(EntryId, Vec<u8>)>, DbError> {
    Ok(ledger_entries::table
        .filter(ledger_entries::tenant_id.eq(tx.tenant()))
        .filter(ledger_entries::source.eq(source))
        .select((ledger_entries::id, ledger_entries::content))
        .first(tx.conn())
        .optional()?)
}

fn set_totals(tx: &mut TenantTx<'_>, account: AccountId, totals: Totals) -> Result<(), DbError> {
    diesel::update(ledger_balances::table)
        .filter(ledger_balances::tenant_id.eq(tx.tenant()))
        .filter(ledger_balances::account_id.eq(account))
        .set((ledger_balances::debits.eq(totals.debits), ledger_balances::credits.eq(totals.credits)))
        .execute(tx.conn())?;
    Ok(())
}

fn insert(
    tx: &mut TenantTx<'_>,
    entry: &BalancedEntry,
    ids: &BTreeMap<AccountName, AccountId>,
) -> Result<EntryId, DbError> {
    let id: EntryId = tx.new_id();
    let row = (
        ledger_entries::id.eq(id),
        ledger_entries::source.eq(entry.source()),
        ledger_entries::content.eq(entry.content()),
        ledger_entries::posted_at.eq(tx.now()),
    );
    diesel::insert_into(ledger_entries::table).values(row).execute(tx.conn())?;
    let postings: Vec<_> = (1_i16..)
        .zip(entry.legs())
        .map(|(position, leg)| {
            (
                ledger_postings::entry_id.eq(id),
                ledger_postings::position.eq(position),
                ledger_postings::account_id.eq(ids[&(leg.account.clone(), leg.amount.currency)]),
                ledger_postings::side.eq(leg.side),
                ledger_postings::amount.eq(leg.amount.amount_minor),
                ledger_postings::currency.eq(leg.amount.currency),
            )
        })
        .collect();
    diesel::insert_into(ledger_postings::table).values(postings).execute(tx.conn())?;
    // Deferred triggers run under the role that is current at COMMIT, which may see no rows of this tenant: check now.
    tx.conn().batch_execute(
        "SET CONSTRAINTS ledger_entry_balanced, ledger_posting_balanced IMMEDIATE;
         SET CONSTRAINTS ledger_entry_balanced, ledger_posting_balanced DEFERRED",
    )?;
    Ok(id)
}
