use super::{
    catalogue::market_sellers,
    identity::{members, tenants},
};

diesel::table! {
    roles (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        permissions -> Array<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    verifications (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        status -> Text,
        unified_social_credit_code -> Text,
        legal_name -> Text,
        licence_file_id -> Uuid,
        licence_sha256 -> Bytea,
        submitted_by -> Uuid,
        submitted_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        reason -> Nullable<Text>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(roles, members);
diesel::allow_tables_to_appear_in_same_query!(roles, tenants);
diesel::allow_tables_to_appear_in_same_query!(market_sellers, tenants);
diesel::allow_tables_to_appear_in_same_query!(verifications, tenants);
