diesel::table! {
    categories (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        parent_id -> Nullable<Uuid>,
        name -> Text,
        created_at -> Timestamptz,
        path -> Array<Uuid>,
        attributes -> Jsonb,
        version -> Int8,
    }
}

diesel::table! {
    products (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        status -> Text,
        listed -> Bool,
        title -> Text,
        description -> Text,
        category_id -> Nullable<Uuid>,
        tags -> Array<Text>,
        attributes -> Jsonb,
        translations -> Jsonb,
        media -> Array<Uuid>,
        metadata -> Jsonb,
        version -> Int8,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        published_at -> Nullable<Timestamptz>,
        options -> Jsonb,
        tax_class -> Nullable<Text>,
        tax_included -> Bool,
        publish_at -> Nullable<Timestamptz>,
        unpublish_at -> Nullable<Timestamptz>,
        change -> Nullable<Jsonb>,
        locale -> Text,
        slug -> Nullable<Text>,
        media_alt -> Jsonb,
    }
}

diesel::table! {
    product_variants (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        product_id -> Uuid,
        position -> Int4,
        sku -> Text,
        options -> Jsonb,
        price_minor -> Int8,
        currency -> Text,
        price_tiers -> Jsonb,
        min_order_quantity -> Int8,
        order_increment -> Int8,
        unit -> Text,
        gtin -> Nullable<Text>,
        weight_grams -> Nullable<Int8>,
        on_hand -> Nullable<Int8>,
        reserved -> Int8,
        low_stock_at -> Nullable<Int8>,
        withdrawn_at -> Nullable<Timestamptz>,
        max_order_quantity -> Nullable<Int8>,
        price_may_rise -> Bool,
        hs_code -> Nullable<Text>,
        origin_country -> Nullable<Text>,
        elsewhere -> Int8,
    }
}

diesel::table! {
    stock_reservations (tenant_id, order_id, variant_id) {
        tenant_id -> Uuid,
        order_id -> Uuid,
        variant_id -> Uuid,
        quantity -> Int8,
        state -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    stock_movements (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        variant_id -> Uuid,
        delta -> Int8,
        on_hand -> Int8,
        kind -> Text,
        reason -> Nullable<Text>,
        order_id -> Nullable<Uuid>,
        at -> Timestamptz,
        location_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    market_sellers (seller_id) {
        seller_id -> Uuid,
        slug -> Text,
        name -> Text,
        withdrawn_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    market_listings (id) {
        id -> Uuid,
        seller_id -> Uuid,
        title -> Text,
        category_id -> Nullable<Uuid>,
        currency -> Text,
        min_price_minor -> Int8,
        max_price_minor -> Int8,
        detail -> Jsonb,
        version -> Int8,
        published_at -> Timestamptz,
    }
}

diesel::table! {
    market_index (listing_id) {
        listing_id -> Uuid,
        seller_id -> Uuid,
        title -> Text,
        head -> Array<Text>,
        everywhere -> Nullable<Array<Text>>,
        weights -> Bytea,
        length -> Int4,
        facets -> Array<Text>,
        says -> Array<Text>,
        min_price_minor -> Int8,
        published_at -> Timestamptz,
        cutter -> Int2,
    }
}

diesel::table! {
    market_terms (word) {
        word -> Text,
        kind -> Text,
        listings -> Int8,
        initials -> Nullable<Text>,
        spellings -> Nullable<Array<Text>>,
    }
}

diesel::table! {
    market_changes (id) {
        id -> Uuid,
        words -> Array<Text>,
        length -> Int4,
        sign -> Int2,
    }
}

diesel::table! {
    market_variants (variant_id) {
        variant_id -> Uuid,
        product_id -> Uuid,
        seller_id -> Uuid,
    }
}

diesel::joinable!(market_listings -> market_sellers (seller_id));
diesel::allow_tables_to_appear_in_same_query!(products, product_variants, stock_reservations, stock_movements);
diesel::allow_tables_to_appear_in_same_query!(market_listings, market_sellers, market_variants);
