diesel::table! {
    order_counters (tenant_id) {
        tenant_id -> Uuid,
        last_number -> Int8,
    }
}

diesel::table! {
    orders (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        number -> Int8,
        status -> Text,
        buyer_tenant_id -> Uuid,
        buyer_name -> Text,
        seller_name -> Text,
        currency -> Text,
        subtotal -> Int8,
        shipping -> Int8,
        tax -> Int8,
        total -> Int8,
        refunded -> Int8,
        commission_basis_points -> Int8,
        shipping_address -> Jsonb,
        note -> Nullable<Text>,
        po_number -> Nullable<Text>,
        placed_at -> Timestamptz,
        pay_by -> Timestamptz,
        confirm_by -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    order_lines (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        position -> Int2,
        product_id -> Uuid,
        variant_id -> Uuid,
        sku -> Text,
        title -> Text,
        unit -> Text,
        quantity -> Int8,
        unit_price -> Int8,
        total -> Int8,
        shipped -> Int8,
        tax -> Int8,
        price_reasons -> Jsonb,
    }
}

diesel::table! {
    order_parties (tenant_id, order_id) {
        tenant_id -> Uuid,
        order_id -> Uuid,
        role -> Text,
        other_tenant_id -> Uuid,
    }
}

diesel::table! {
    order_timeline (tenant_id, order_id, position) {
        tenant_id -> Uuid,
        order_id -> Uuid,
        position -> Int4,
        step -> Text,
        by_party -> Text,
        reason -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    shipments (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        order_id -> Uuid,
        carrier -> Text,
        tracking_number -> Text,
        proof_file_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    shipment_lines (tenant_id, shipment_id, line_id) {
        tenant_id -> Uuid,
        shipment_id -> Uuid,
        line_id -> Uuid,
        quantity -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    order_counters,
    orders,
    order_lines,
    order_parties,
    order_timeline,
    shipments,
    shipment_lines
);
