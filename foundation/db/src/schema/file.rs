diesel::table! {
    buckets (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        visibility -> Text,
        max_object_bytes -> Nullable<Int8>,
        allowed_types -> Array<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    blobs (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        state -> Text,
        size_bytes -> Int8,
        reserved_bytes -> Int8,
        sha256 -> Nullable<Bytea>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        derived -> Bool,
        scan -> Nullable<Text>,
    }
}

diesel::table! {
    files (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        bucket_id -> Uuid,
        path -> Text,
        version_id -> Uuid,
        deleted_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    file_versions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        file_id -> Uuid,
        blob_id -> Uuid,
        size_bytes -> Int8,
        content_type -> Text,
        sha256 -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    storage_gauges (tenant_id) {
        tenant_id -> Uuid,
        bytes -> Int8,
        since -> Timestamptz,
        remainder -> Int8,
    }
}

diesel::table! {
    storage_exceptions (key) {
        key -> Text,
        kind -> Text,
        size_bytes -> Int8,
        first_seen_at -> Timestamptz,
        last_seen_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(buckets, blobs, files, file_versions, storage_gauges);
