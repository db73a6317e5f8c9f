use super::catalogue::products;

diesel::table! {
    collections (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        description -> Text,
        version -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    collection_products (tenant_id, collection_id, product_id) {
        tenant_id -> Uuid,
        collection_id -> Uuid,
        product_id -> Uuid,
        position -> Int4,
    }
}

diesel::table! {
    locations (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        is_default -> Bool,
        version -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    stock_levels (tenant_id, variant_id, location_id) {
        tenant_id -> Uuid,
        variant_id -> Uuid,
        location_id -> Uuid,
        on_hand -> Int8,
    }
}

diesel::table! {
    product_slugs (tenant_id, locale, slug) {
        tenant_id -> Uuid,
        locale -> Text,
        slug -> Text,
        product_id -> Uuid,
        current -> Bool,
    }
}

diesel::allow_tables_to_appear_in_same_query!(product_slugs, products);
