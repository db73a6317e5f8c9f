DROP TABLE ledger_postings, ledger_entries, ledger_balances, ledger_accounts;
DROP FUNCTION IF EXISTS ledger_entry_must_balance();
