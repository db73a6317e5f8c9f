diesel::table! {
    buyer_groups (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        version -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    buyer_group_members (tenant_id, group_id, buyer_id) {
        tenant_id -> Uuid,
        group_id -> Uuid,
        buyer_id -> Uuid,
    }
}

diesel::table! {
    price_lists (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        name -> Text,
        buyer_id -> Nullable<Uuid>,
        group_id -> Nullable<Uuid>,
        valid_from -> Nullable<Timestamptz>,
        valid_until -> Nullable<Timestamptz>,
        version -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    price_list_prices (tenant_id, list_id, variant_id) {
        tenant_id -> Uuid,
        list_id -> Uuid,
        variant_id -> Uuid,
        currency -> Text,
        price_minor -> Int8,
        price_tiers -> Jsonb,
        price_may_rise -> Bool,
        min_order_quantity -> Nullable<Int8>,
        max_order_quantity -> Nullable<Int8>,
        order_increment -> Nullable<Int8>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(buyer_groups, buyer_group_members, price_lists, price_list_prices);
