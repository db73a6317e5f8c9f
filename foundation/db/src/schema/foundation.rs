diesel::table! {
    heads (tenant_id) {
        tenant_id -> Uuid,
        event_seq -> Int8,
        audit_salt -> Bytea,
        audit_seq -> Int8,
        audit_hash -> Bytea,
    }
}

diesel::table! {
    events (tenant_id, seq) {
        tenant_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        #[sql_name = "type"]
        kind -> Text,
        data -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_log (tenant_id, seq) {
        tenant_id -> Uuid,
        seq -> Int8,
        id -> Uuid,
        at -> Timestamptz,
        actor_kind -> Text,
        actor_id -> Text,
        session_id -> Nullable<Uuid>,
        request_id -> Nullable<Uuid>,
        ip_digest -> Nullable<Bytea>,
        action -> Text,
        object -> Text,
        detail -> Jsonb,
        prev_hash -> Bytea,
        hash -> Bytea,
        result -> Nullable<Text>,
        ip -> Nullable<Text>,
    }
}

diesel::table! {
    audit_roots (tenant_id, first_seq) {
        tenant_id -> Uuid,
        first_seq -> Int8,
        last_seq -> Int8,
        root -> Bytea,
        made_at -> Timestamptz,
        public_jwk -> Jsonb,
        signature -> Bytea,
    }
}

diesel::table! {
    idempotency_keys (tenant_id, principal, method, route, key) {
        tenant_id -> Uuid,
        principal -> Text,
        method -> Text,
        route -> Text,
        key -> Text,
        fingerprint -> Bytea,
        status -> Nullable<Int2>,
        body -> Nullable<Bytea>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    usage_events (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        meter -> Text,
        quantity -> Int8,
        at -> Timestamptz,
    }
}

diesel::table! {
    limits (tenant_id, meter) {
        tenant_id -> Uuid,
        meter -> Text,
        maximum -> Int8,
        used -> Int8,
        reserved -> Int8,
        warned -> Int2,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        for_tenant -> Nullable<Uuid>,
        payload -> Jsonb,
        dedupe_key -> Nullable<Text>,
        state -> Text,
        run_at -> Timestamptz,
        attempts -> Int4,
        lease_owner -> Nullable<Text>,
        lease_token -> Nullable<Uuid>,
        lease_until -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    schedules (kind) {
        kind -> Text,
        last_slot -> Timestamptz,
    }
}
