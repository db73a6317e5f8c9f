diesel::table! {
    ledger_accounts (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        key -> Text,
        kind -> Text,
        currency -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    ledger_balances (tenant_id, account_id) {
        tenant_id -> Uuid,
        account_id -> Uuid,
        guarded -> Bool,
        debits -> Int8,
        credits -> Int8,
    }
}

diesel::table! {
    ledger_entries (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        source -> Text,
        content -> Bytea,
        posted_at -> Timestamptz,
    }
}

diesel::table! {
    ledger_postings (tenant_id, entry_id, position) {
        tenant_id -> Uuid,
        entry_id -> Uuid,
        position -> Int2,
        account_id -> Uuid,
        side -> Text,
        amount -> Int8,
        currency -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(ledger_accounts, ledger_balances, ledger_entries, ledger_postings);
