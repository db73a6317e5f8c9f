diesel::table! {
    recovery_codes (user_id, digest) {
        user_id -> Uuid,
        digest -> Bytea,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    consents (user_id, document, version) {
        user_id -> Uuid,
        document -> Text,
        version -> Text,
        occasion -> Text,
        accepted_at -> Timestamptz,
    }
}
