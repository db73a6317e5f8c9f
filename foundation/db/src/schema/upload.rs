diesel::table! {
    uploads (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        state -> Text,
        bucket_id -> Uuid,
        path -> Text,
        content_type -> Nullable<Text>,
        declared_bytes -> Nullable<Int8>,
        sha256 -> Nullable<Bytea>,
        blob_id -> Uuid,
        store_upload_id -> Nullable<Text>,
        part_bytes -> Nullable<Int8>,
        file_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        offset_bytes -> Int8,
        tail_blob_id -> Nullable<Uuid>,
        hash_state -> Nullable<Bytea>,
        head -> Nullable<Bytea>,
        metadata -> Nullable<Text>,
        lock_id -> Nullable<Uuid>,
        locked_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    upload_parts (tenant_id, upload_id, number) {
        tenant_id -> Uuid,
        upload_id -> Uuid,
        number -> Int4,
        etag -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(uploads, upload_parts);
