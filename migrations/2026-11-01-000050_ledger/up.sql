-- Double-entry books, one per tenant: accounts, entries and postings are facts, balances follow from them.

CREATE TABLE ledger_accounts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- `available`, or with a detail `escrow:ord_...`
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 100),
    kind text NOT NULL CHECK (kind IN ('clearing', 'bank', 'receivable', 'pending', 'available', 'frozen', 'debt', 'escrow',
        'wallet', 'platform_fee', 'provider_fee', 'vat_output', 'dispute', 'rounding')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, key, currency),
    UNIQUE (tenant_id, id, currency)
);
CALL tenant_table('ledger_accounts', 'SELECT, INSERT', platform => true);

-- Running totals of each account, changed in the transaction that posts. A guarded account never goes below zero.
CREATE TABLE ledger_balances (
    tenant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    guarded boolean NOT NULL,
    debits bigint NOT NULL DEFAULT 0 CHECK (debits >= 0),
    credits bigint NOT NULL DEFAULT 0 CHECK (credits >= 0),
    PRIMARY KEY (tenant_id, account_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES ledger_accounts (tenant_id, id),
    CONSTRAINT ledger_balances_floor CHECK (NOT guarded OR credits >= debits)
);
CALL tenant_table('ledger_balances', 'SELECT, INSERT, UPDATE', platform => true);

CREATE TABLE ledger_entries (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- What caused the entry, named by the caller: one cause, one entry.
    source text NOT NULL CHECK (length(source) BETWEEN 1 AND 100),
    -- SHA-256 of the postings, so that another content under the same source is noticed.
    content bytea NOT NULL,
    posted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source)
);
CALL tenant_table('ledger_entries', 'SELECT, INSERT', platform => true);

CREATE TABLE ledger_postings (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    position smallint NOT NULL,
    account_id uuid NOT NULL,
    side text NOT NULL CHECK (side IN ('debit', 'credit')),
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, position),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES ledger_entries (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id, currency) REFERENCES ledger_accounts (tenant_id, id, currency)
);
CALL tenant_table('ledger_postings', 'SELECT, INSERT', platform => true);
CREATE INDEX ledger_postings_by_account ON ledger_postings (tenant_id, account_id, entry_id);
