diesel::table! {
    bucket_storage_days (tenant_id, bucket, day) {
        tenant_id -> Uuid,
        bucket -> Text,
        day -> Date,
        bytes -> Int8,
        since -> Timestamptz,
        byte_hours -> Int8,
        byte_seconds -> Int4,
        write_requests -> Int8,
    }
}

diesel::table! {
    bucket_traffic_days (tenant_id, bucket, day) {
        tenant_id -> Uuid,
        bucket -> Text,
        day -> Date,
        read_requests -> Int8,
        egress_bytes -> Int8,
    }
}
