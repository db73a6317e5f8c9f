use super::tenants;

diesel::table! {
    api_keys (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        scopes -> Array<Text>,
        ip_allow_list -> Array<Text>,
        last4 -> Text,
        created_by -> Uuid,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
        expires_at -> Nullable<Timestamptz>,
        rotated_at -> Nullable<Timestamptz>,
        previous_until -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    api_key_secrets (tenant_id, key_id, digest) {
        tenant_id -> Uuid,
        key_id -> Uuid,
        digest -> Bytea,
        created_at -> Timestamptz,
        ends_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(api_keys, api_key_secrets, tenants);
