-- Foundation: the tenant-table procedure, and the tables of db, jobs, audit and metering.

-- Turns a table that has a `tenant_id uuid NOT NULL` column into a tenant table: the column's default and the only visible
-- rows come from the transaction's tenant; row-level security binds the owner too. `grants` is what the tenant role may do;
-- `platform` lets the platform role read all rows in a transaction that says so.
CREATE PROCEDURE tenant_table(name regclass, grants text, platform boolean DEFAULT false)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ALTER COLUMN tenant_id SET DEFAULT nullif(current_setting(''app.tenant_id'', true), '''')::uuid', name);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON %s TO app_tenant
        USING (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)
        WITH CHECK (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', name);
    EXECUTE format('GRANT %s ON %s TO app_tenant', grants, name);
    IF platform THEN
        EXECUTE format('CREATE POLICY platform_read ON %s FOR SELECT TO app_platform
            USING (nullif(current_setting(''app.platform'', true), '''') = ''on'')', name);
        EXECUTE format('GRANT SELECT ON %s TO app_platform', name);
    END IF;
END $$;

-- One row a tenant: the heads of its gap-free sequences and hash chains. Locked last, in tenant order.
CREATE TABLE heads (
    tenant_id uuid PRIMARY KEY,
    event_seq bigint NOT NULL DEFAULT 0,
    -- Salts digests of personal data in the audit log; destroying it makes them meaningless.
    audit_salt bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
    audit_seq bigint NOT NULL DEFAULT 0,
    audit_hash bytea NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000'
);
CALL tenant_table('heads', 'SELECT, INSERT, UPDATE');

-- The event log: what happened, in commit order. Never updated.
CREATE TABLE events (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, seq),
    UNIQUE (tenant_id, id)
);
CALL tenant_table('events', 'SELECT, INSERT');

-- The audit log: who did what, hash-chained. Never updated.
CREATE TABLE audit_log (
    tenant_id uuid NOT NULL,
    seq bigint NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id text NOT NULL,
    session_id uuid,
    request_id uuid,
    ip_digest bytea,
    action text NOT NULL,
    object text NOT NULL,
    detail jsonb NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (tenant_id, seq),
    UNIQUE (tenant_id, id)
);
CALL tenant_table('audit_log', 'SELECT, INSERT', platform => true);

-- Answers kept under the caller's Idempotency-Key. `status` is null while a provider is being called.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    method text NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint,
    body bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, principal, method, route, key)
);
CALL tenant_table('idempotency_keys', 'SELECT, INSERT, UPDATE, DELETE');
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (tenant_id, expires_at);

-- Usage events; `id` comes from the cause, so that a repeated cause counts once.
CREATE TABLE usage_events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    meter text NOT NULL,
    quantity bigint NOT NULL CHECK (quantity >= 0),
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CALL tenant_table('usage_events', 'SELECT, INSERT');
CREATE INDEX usage_events_by_meter ON usage_events (tenant_id, meter, at);

-- Limits and what is used of them; a reservation is an UPDATE that the CHECK refuses when it would exceed the limit.
CREATE TABLE limits (
    tenant_id uuid NOT NULL,
    meter text NOT NULL,
    maximum bigint NOT NULL CHECK (maximum >= 0),
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    PRIMARY KEY (tenant_id, meter)
);
CALL tenant_table('limits', 'SELECT, INSERT, UPDATE');

-- Background jobs of all tenants and of the platform; `for_tenant` is null for the platform's own.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    for_tenant uuid,
    payload jsonb NOT NULL,
    dedupe_key text,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'running', 'dead')),
    run_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    lease_owner text,
    lease_token uuid,
    lease_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200, fillfactor = 70);
-- A running job holds its key no longer: what changes while it runs may ask for another run.
CREATE UNIQUE INDEX jobs_dedupe ON jobs (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state <> 'running';
CREATE INDEX jobs_ready ON jobs (run_at, id) WHERE state = 'ready';
-- Finds the tenants with waiting jobs by one probe each, however many jobs each has.
CREATE INDEX jobs_ready_of_tenant ON jobs (for_tenant, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
GRANT INSERT ON jobs TO app_tenant, app_auth, app_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO app_jobs;
GRANT SELECT ON jobs TO app_platform;

-- The last slot of each schedule for which a job was made.
CREATE TABLE schedules (
    kind text PRIMARY KEY,
    last_slot timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON schedules TO app_jobs;
GRANT SELECT ON schedules TO app_platform;
