diesel::table! {
    plans (id) {
        id -> Uuid,
        code -> Text,
        version -> Int4,
        name_en -> Text,
        name_zh -> Text,
        currency -> Text,
        price_minor -> Int8,
        on_sale -> Bool,
        requests_per_minute -> Int4,
    }
}

diesel::table! {
    plan_meters (plan_id, meter) {
        plan_id -> Uuid,
        meter -> Text,
        included -> Int8,
        is_limit -> Bool,
        unit -> Int8,
        price_minor -> Int8,
    }
}

diesel::table! {
    subscriptions (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        plan_id -> Uuid,
        status -> Text,
        time_zone -> Text,
        period_start -> Timestamptz,
        period_end -> Timestamptz,
        last_invoice -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    invoices (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        number -> Text,
        plan_id -> Uuid,
        status -> Text,
        period_start -> Timestamptz,
        period_end -> Timestamptz,
        currency -> Text,
        total_minor -> Int8,
        finalized_at -> Timestamptz,
        paid_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    invoice_lines (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        invoice_id -> Uuid,
        position -> Int2,
        kind -> Text,
        quantity -> Int8,
        included -> Int8,
        unit -> Int8,
        unit_price_minor -> Int8,
        amount_minor -> Int8,
    }
}

diesel::allow_tables_to_appear_in_same_query!(plans, plan_meters, subscriptions, invoices, invoice_lines);
