use super::blobs;

diesel::table! {
    file_derivatives (tenant_id, blob_id, preset) {
        tenant_id -> Uuid,
        blob_id -> Uuid,
        preset -> Text,
        state -> Text,
        object_id -> Nullable<Uuid>,
        content_type -> Nullable<Text>,
        width -> Nullable<Int4>,
        height -> Nullable<Int4>,
        size_bytes -> Nullable<Int8>,
        sha256 -> Nullable<Bytea>,
        created_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(file_derivatives, blobs);
