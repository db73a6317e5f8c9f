-- Products from spreadsheets, in steps that each commit, with a report on each row.
CREATE TABLE product_imports (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    -- The file, and the bytes that it had when the import was asked for.
    file_id uuid NOT NULL,
    file_sha256 bytea NOT NULL CHECK (octet_length(file_sha256) = 32),
    mode text NOT NULL CHECK (mode IN ('dry_run', 'apply')),
    -- Whether new products are put on sale.
    publish boolean NOT NULL,
    -- Columns by the headings that the firm uses.
    mapping jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    -- Why it failed, and the row in which it did.
    problem text,
    problem_row bigint,
    -- Rows of the file, once they are counted, and rows that are in the report.
    rows_total bigint CHECK (rows_total >= 0),
    rows_done bigint NOT NULL DEFAULT 0 CHECK (rows_done >= 0),
    -- New products, however many variants they have.
    products bigint NOT NULL DEFAULT 0 CHECK (products >= 0),
    created bigint NOT NULL DEFAULT 0,
    updated bigint NOT NULL DEFAULT 0,
    unchanged bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK ((state = 'running') = (finished_at IS NULL)),
    CHECK ((state = 'failed') = (problem IS NOT NULL)),
    CHECK (created + updated + unchanged + failed = rows_done)
);
CALL tenant_table('product_imports', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE product_import_rows (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    -- As the file counts it: the headings are row 1.
    number bigint NOT NULL,
    sku text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('created', 'updated', 'unchanged', 'failed')),
    product_id uuid,
    complaints jsonb NOT NULL,
    PRIMARY KEY (tenant_id, import_id, number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES product_imports (tenant_id, id)
);
CALL tenant_table('product_import_rows', 'SELECT, INSERT, DELETE');
