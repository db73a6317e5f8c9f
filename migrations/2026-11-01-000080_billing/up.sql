-- Plans: what a month costs, what it includes, and what more costs. A price never changes: a new version is a new row.
CREATE TABLE plans (
    id uuid PRIMARY KEY,
    code text NOT NULL,
    version integer NOT NULL,
    name_en text NOT NULL,
    name_zh text NOT NULL,
    currency text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor >= 0),
    on_sale boolean NOT NULL,
    UNIQUE (code, version)
);
-- What a plan includes of each meter, and the price of each further unit. Gauges (bytes stored, products, members) have a
-- limit and no price; counters (byte-hours, egress, requests) have an included amount and a price for `unit` more.
CREATE TABLE plan_meters (
    plan_id uuid NOT NULL REFERENCES plans (id),
    meter text NOT NULL,
    included bigint NOT NULL CHECK (included >= 0),
    is_limit boolean NOT NULL,
    unit bigint NOT NULL DEFAULT 1 CHECK (unit > 0),
    price_minor bigint NOT NULL DEFAULT 0 CHECK (price_minor >= 0),
    PRIMARY KEY (plan_id, meter)
);
GRANT SELECT ON plans, plan_meters TO app_public, app_tenant, app_platform;

INSERT INTO plans (id, code, version, name_en, name_zh, currency, price_minor, on_sale) VALUES
    ('01900000-0000-7000-8000-000000000001', 'free', 1, 'Free', '免费版', 'CNY', 0, true),
    ('01900000-0000-7000-8000-000000000002', 'standard', 1, 'Standard', '标准版', 'CNY', 9900, true),
    ('01900000-0000-7000-8000-000000000003', 'pro', 1, 'Pro', '专业版', 'CNY', 29900, true);
-- 1 GiB stored for a month of 30 days is 773,094,113,280 byte-hours.
INSERT INTO plan_meters (plan_id, meter, included, is_limit, unit, price_minor) VALUES
    ('01900000-0000-7000-8000-000000000001', 'storage_bytes', 5368709120, true, 1, 0),
    ('01900000-0000-7000-8000-000000000001', 'products', 10000, true, 1, 0),
    ('01900000-0000-7000-8000-000000000001', 'members', 5, true, 1, 0),
    ('01900000-0000-7000-8000-000000000001', 'storage_byte_hours', 3994320052224, false, 773094113280, 0),
    ('01900000-0000-7000-8000-000000000001', 'egress_bytes', 10737418240, false, 1073741824, 0),
    ('01900000-0000-7000-8000-000000000001', 'api_requests', 1000000, false, 1000, 0),
    ('01900000-0000-7000-8000-000000000002', 'storage_bytes', 107374182400, true, 1, 0),
    ('01900000-0000-7000-8000-000000000002', 'products', 100000, true, 1, 0),
    ('01900000-0000-7000-8000-000000000002', 'members', 20, true, 1, 0),
    ('01900000-0000-7000-8000-000000000002', 'storage_byte_hours', 38654705664000, false, 773094113280, 12),
    ('01900000-0000-7000-8000-000000000002', 'egress_bytes', 107374182400, false, 1073741824, 50),
    ('01900000-0000-7000-8000-000000000002', 'api_requests', 5000000, false, 1000, 1),
    ('01900000-0000-7000-8000-000000000003', 'storage_bytes', 1099511627776, true, 1, 0),
    ('01900000-0000-7000-8000-000000000003', 'products', 1000000, true, 1, 0),
    ('01900000-0000-7000-8000-000000000003', 'members', 200, true, 1, 0),
    ('01900000-0000-7000-8000-000000000003', 'storage_byte_hours', 386547056640000, false, 773094113280, 10),
    ('01900000-0000-7000-8000-000000000003', 'egress_bytes', 1073741824000, false, 1073741824, 40),
    ('01900000-0000-7000-8000-000000000003', 'api_requests', 50000000, false, 1000, 1);

-- One a tenant. A period is a calendar month in the tenant's time zone, kept as instants.
CREATE TABLE subscriptions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL REFERENCES plans (id),
    status text NOT NULL CHECK (status IN ('active', 'cancelled')),
    time_zone text NOT NULL,
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL CHECK (period_end > period_start),
    -- The number of the last invoice; numbers have no gaps.
    last_invoice integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id)
);
CALL tenant_table('subscriptions', 'SELECT, INSERT, UPDATE', platform => true);
CREATE INDEX subscriptions_due ON subscriptions (period_end) WHERE status = 'active';

-- Closed months. Never changed but for their payment.
CREATE TABLE invoices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    plan_id uuid NOT NULL REFERENCES plans (id),
    status text NOT NULL CHECK (status IN ('open', 'paid')),
    period_start timestamptz NOT NULL,
    period_end timestamptz NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL CHECK (total_minor >= 0),
    finalized_at timestamptz NOT NULL,
    paid_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, number),
    UNIQUE (tenant_id, period_start)
);
CALL tenant_table('invoices', 'SELECT, INSERT, UPDATE', platform => true);

CREATE TABLE invoice_lines (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    invoice_id uuid NOT NULL,
    position smallint NOT NULL,
    kind text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    included bigint NOT NULL CHECK (included >= 0),
    unit bigint NOT NULL CHECK (unit > 0),
    unit_price_minor bigint NOT NULL CHECK (unit_price_minor >= 0),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, invoice_id, position),
    FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id)
);
CALL tenant_table('invoice_lines', 'SELECT, INSERT');
