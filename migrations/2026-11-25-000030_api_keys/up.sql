-- Keys of programs. A token carries the ids of its tenant and key beside the secret, so it is found without a global index.
CREATE TABLE api_keys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    -- Networks in CIDR notation; none means any address.
    ip_allow_list text[] NOT NULL,
    -- The last characters of the present token, by which people recognise it.
    last4 text NOT NULL CHECK (length(last4) = 4),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    expires_at timestamptz,
    rotated_at timestamptz,
    -- Until when the token before the last rotation works too.
    previous_until timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CALL tenant_table('api_keys', 'SELECT, INSERT, UPDATE');

-- What opens a key: digests of its present token and of those before it that still work.
CREATE TABLE api_key_secrets (
    tenant_id uuid NOT NULL,
    key_id uuid NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32),
    created_at timestamptz NOT NULL,
    -- Null for the present token.
    ends_at timestamptz,
    PRIMARY KEY (tenant_id, key_id, digest),
    FOREIGN KEY (tenant_id, key_id) REFERENCES api_keys (tenant_id, id)
);
CALL tenant_table('api_key_secrets', 'SELECT, INSERT, UPDATE, DELETE');
CREATE UNIQUE INDEX api_key_secrets_present ON api_key_secrets (tenant_id, key_id) WHERE ends_at IS NULL;

-- How many keys a plan allows. No price changes, so the plans stay the same versions.
INSERT INTO plan_meters (plan_id, meter, included, is_limit, unit, price_minor)
SELECT id, 'api_keys', CASE code WHEN 'free' THEN 20 WHEN 'standard' THEN 100 ELSE 1000 END, true, 1, 0 FROM plans;

-- Firms that exist already get their plan's limit. Row-level security binds the owner too, hence the pause.
ALTER TABLE subscriptions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE limits NO FORCE ROW LEVEL SECURITY;
INSERT INTO limits (tenant_id, meter, maximum)
SELECT s.tenant_id, m.meter, m.included FROM subscriptions s JOIN plan_meters m USING (plan_id) WHERE m.meter = 'api_keys';
ALTER TABLE limits FORCE ROW LEVEL SECURITY;
ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
