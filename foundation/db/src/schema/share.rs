use super::{buckets, files, tenants};

diesel::table! {
    shares (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        bucket_id -> Uuid,
        file_id -> Nullable<Uuid>,
        prefix -> Nullable<Text>,
        mode -> Text,
        token_digest -> Bytea,
        password_hash -> Nullable<Text>,
        max_downloads -> Nullable<Int4>,
        downloads -> Int4,
        expires_at -> Nullable<Timestamptz>,
        created_by -> Text,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    share_accesses (tenant_id, share_id, id) {
        tenant_id -> Uuid,
        share_id -> Uuid,
        id -> Uuid,
        at -> Timestamptz,
        result -> Text,
        path -> Nullable<Text>,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(shares, tenants);
diesel::allow_tables_to_appear_in_same_query!(shares, buckets);
diesel::allow_tables_to_appear_in_same_query!(shares, files);
diesel::allow_tables_to_appear_in_same_query!(buckets, tenants);
