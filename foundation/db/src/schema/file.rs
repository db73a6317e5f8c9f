diesel::table! {
    buckets (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        visibility -> Text,
        max_object_bytes -> Nullable<Int8>,
        allowed_types -> Array<Text>,
        created_at -> Timestamptz,
        trash_days -> Int4,
        version_days -> Int4,
        keep_versions -> Nullable<Int4>,
        revision -> Int8,
        lifecycle -> Jsonb,
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
        refs -> Int8,
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
        tags -> Array<Text>,
        metadata -> Jsonb,
        revision -> Int8,
        purge_at -> Nullable<Timestamptz>,
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
        replaced_at -> Nullable<Timestamptz>,
        purge_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    storage_gauges (tenant_id) {
        tenant_id -> Uuid,
        bytes -> Int8,
        since -> Timestamptz,
        remainder -> Int8,
        next_purge_at -> Nullable<Timestamptz>,
        next_lifecycle_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    file_history (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        file_id -> Uuid,
        bucket_id -> Uuid,
        path -> Text,
        version_id -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    file_holds (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        file_id -> Uuid,
        cause -> Text,
        reason -> Text,
        placed_at -> Timestamptz,
        released_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    file_jobs (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        kind -> Text,
        state -> Text,
        task -> Jsonb,
        total -> Int8,
        done -> Int8,
        skipped -> Int8,
        conflicts -> Jsonb,
        position -> Nullable<Text>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    restore_plans (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        bucket_id -> Nullable<Uuid>,
        prefix -> Text,
        at -> Timestamptz,
        counts -> Jsonb,
        created_at -> Timestamptz,
        job_id -> Nullable<Uuid>,
        applied_at -> Nullable<Timestamptz>,
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

diesel::allow_tables_to_appear_in_same_query!(
    buckets,
    blobs,
    files,
    file_versions,
    storage_gauges,
    file_history,
    file_holds
);
