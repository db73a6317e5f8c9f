diesel::table! {
    payments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        method -> Text,
        status -> Text,
        amount -> Int8,
        currency -> Text,
        fee -> Nullable<Int8>,
        fee_currency -> Nullable<Text>,
        provider -> Text,
        provider_id -> Nullable<Text>,
        client_secret -> Nullable<Text>,
        redirect_url -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        request_key -> Bytea,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    refunds (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        payment_id -> Uuid,
        order_id -> Uuid,
        amount -> Int8,
        currency -> Text,
        reason -> Text,
        automatic -> Bool,
        status -> Text,
        provider_id -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        request_key -> Bytea,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    provider_operations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        payment_id -> Uuid,
        refund_id -> Nullable<Uuid>,
        state -> Text,
        request -> Jsonb,
        created_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    escrows (tenant_id, order_id) {
        tenant_id -> Uuid,
        order_id -> Uuid,
        status -> Text,
        currency -> Text,
        funded -> Int8,
        released -> Int8,
        refunded -> Int8,
        refunding -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    provider_objects (provider, provider_id) {
        provider -> Text,
        provider_id -> Text,
        for_tenant -> Uuid,
        payment_id -> Uuid,
        refund_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    provider_events (provider, event_id) {
        provider -> Text,
        event_id -> Text,
        #[sql_name = "type"]
        kind -> Text,
        object_id -> Text,
        raw -> Bytea,
        state -> Text,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    payments,
    refunds,
    provider_operations,
    escrows,
    provider_objects,
    provider_events
);
