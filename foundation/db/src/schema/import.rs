diesel::table! {
    product_imports (tenant_id, id) {
        tenant_id -> Uuid,
        id -> Uuid,
        file_id -> Uuid,
        file_sha256 -> Bytea,
        mode -> Text,
        publish -> Bool,
        mapping -> Jsonb,
        state -> Text,
        problem -> Nullable<Text>,
        problem_row -> Nullable<Int8>,
        rows_total -> Nullable<Int8>,
        rows_done -> Int8,
        products -> Int8,
        created -> Int8,
        updated -> Int8,
        unchanged -> Int8,
        failed -> Int8,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    product_import_rows (tenant_id, import_id, number) {
        tenant_id -> Uuid,
        import_id -> Uuid,
        number -> Int8,
        sku -> Text,
        outcome -> Text,
        product_id -> Nullable<Uuid>,
        complaints -> Jsonb,
    }
}
