-- Money in through a payment provider, money back, and escrow. A payment lives in the tenant of the firm that is paid.

CREATE TABLE payments (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    method text NOT NULL CHECK (method IN ('card', 'alipay', 'wechat_pay', 'bank_transfer')),
    status text NOT NULL CHECK (status IN ('processing', 'requires_action', 'succeeded', 'failed')),
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- The provider's fee as the provider reports it, and its currency.
    fee bigint CHECK (fee >= 0),
    fee_currency text,
    provider text NOT NULL,
    provider_id text,
    client_secret text,
    redirect_url text,
    failure_code text,
    -- Digest of the payer's idempotency key: finds the payment again when its request is repeated after a crash.
    request_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, request_key)
);
CALL tenant_table('payments', 'SELECT, INSERT, UPDATE', platform => true);
CREATE INDEX payments_by_order ON payments (tenant_id, order_id);

CREATE TABLE refunds (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    payment_id uuid NOT NULL,
    order_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason text NOT NULL CHECK (length(reason) <= 500),
    -- Money that nobody was owed, sent back by the platform itself.
    automatic boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    provider_id text,
    failure_code text,
    request_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, request_key),
    FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id)
);
CALL tenant_table('refunds', 'SELECT, INSERT, UPDATE', platform => true);
CREATE INDEX refunds_by_payment ON refunds (tenant_id, payment_id);
CREATE INDEX refunds_by_order ON refunds (tenant_id, order_id);

-- Calls to the provider: written before the call, so that one whose answer was lost is repeated under the same key.
CREATE TABLE provider_operations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    payment_id uuid NOT NULL,
    refund_id uuid,
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'done')),
    request jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, payment_id) REFERENCES payments (tenant_id, id),
    FOREIGN KEY (tenant_id, refund_id) REFERENCES refunds (tenant_id, id)
);
CALL tenant_table('provider_operations', 'SELECT, INSERT, UPDATE', platform => true);
CREATE UNIQUE INDEX provider_operations_payment ON provider_operations (tenant_id, payment_id) WHERE refund_id IS NULL;
CREATE UNIQUE INDEX provider_operations_refund ON provider_operations (tenant_id, refund_id) WHERE refund_id IS NOT NULL;

-- A buyer's money held for an order: what came in has been released, sent back, is on its way back, or is still held.
CREATE TABLE escrows (
    tenant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('held', 'released', 'refunded', 'split')),
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    funded bigint NOT NULL CHECK (funded >= 0),
    released bigint NOT NULL DEFAULT 0 CHECK (released >= 0),
    refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
    refunding bigint NOT NULL DEFAULT 0 CHECK (refunding >= 0),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id),
    CONSTRAINT escrows_never_overdrawn CHECK (funded >= released + refunded + refunding)
);
CALL tenant_table('escrows', 'SELECT, INSERT, UPDATE', platform => true);

-- Which tenant a provider's object belongs to: our own record, never what the object says of itself.
CREATE TABLE provider_objects (
    provider text NOT NULL,
    provider_id text NOT NULL,
    for_tenant uuid NOT NULL,
    payment_id uuid NOT NULL,
    refund_id uuid,
    PRIMARY KEY (provider, provider_id)
);
GRANT INSERT ON provider_objects TO app_tenant;
GRANT SELECT ON provider_objects TO app_platform;

-- What the provider told us, kept as it came before anything is done about it.
CREATE TABLE provider_events (
    provider text NOT NULL,
    event_id text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 255),
    type text NOT NULL,
    object_id text NOT NULL,
    raw bytea NOT NULL,
    state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'processed', 'ignored', 'unknown')),
    received_at timestamptz NOT NULL,
    processed_at timestamptz,
    PRIMARY KEY (provider, event_id)
);
GRANT INSERT ON provider_events TO app_jobs;
GRANT SELECT, UPDATE ON provider_events TO app_platform;
CREATE INDEX provider_events_open ON provider_events (received_at) WHERE state = 'received';
