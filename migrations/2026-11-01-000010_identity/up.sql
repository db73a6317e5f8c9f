-- Identity: firms and their members; people, sessions, tokens and keys; administrators of the platform.

-- Firms. Not a tenant table by its column's name, yet a tenant sees only its own row. The sign-in role reads all rows, since it
-- finds a person's firms before a tenant is known.
CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) BETWEEN 3 AND 60),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'read_only', 'suspended', 'closed')),
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    time_zone text NOT NULL,
    currency text NOT NULL,
    address jsonb,
    unified_social_credit_code text,
    invoice_profile jsonb,
    support_access boolean NOT NULL DEFAULT false,
    metadata jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT tenants_slug UNIQUE (slug)
);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY own_row ON tenants TO app_tenant
    USING (id = nullif(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (id = nullif(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY auth_read ON tenants FOR SELECT TO app_auth USING (true);
CREATE POLICY platform_read ON tenants FOR SELECT TO app_platform
    USING (nullif(current_setting('app.platform', true), '') = 'on');
GRANT SELECT, INSERT, UPDATE ON tenants TO app_tenant;
GRANT SELECT ON tenants TO app_auth, app_platform;

-- Who belongs to a firm, with which role. E-mail address and name are copies of the person's, so that a firm's own shard answers.
CREATE TABLE members (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT members_user UNIQUE (tenant_id, user_id)
);
CALL tenant_table('members', 'SELECT, INSERT, UPDATE, DELETE', platform => true);
CREATE INDEX members_by_role ON members (tenant_id, role);

-- Invitations: single use, found by the digest of a token that carries its tenant.
CREATE TABLE invitations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    token_digest bytea NOT NULL,
    invited_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT invitations_token UNIQUE (tenant_id, token_digest)
);
CALL tenant_table('invitations', 'SELECT, INSERT, UPDATE');
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- People. `email` is normalised: NFKC, lower case.
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    password_hash text NOT NULL,
    display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
    locale text NOT NULL CHECK (locale IN ('zh-CN', 'en')),
    email_verified_at timestamptz,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT users_email UNIQUE (email)
);
GRANT SELECT, INSERT, UPDATE ON users TO app_auth;

-- Which firms a person belongs to; the membership itself stands in the firm.
CREATE TABLE user_tenants (
    user_id uuid NOT NULL REFERENCES users,
    for_tenant uuid NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, for_tenant)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON user_tenants TO app_auth;

-- Signed-in sessions; each is one family of refresh tokens and works in one firm.
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    for_tenant uuid NOT NULL,
    user_agent text,
    ip text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text,
    CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);
GRANT SELECT, INSERT, UPDATE ON sessions TO app_auth;
CREATE INDEX sessions_by_user ON sessions (user_id) WHERE revoked_at IS NULL;

-- Refresh tokens, by digest. A parent has one child.
CREATE TABLE refresh_tokens (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions,
    digest bytea NOT NULL,
    parent_id uuid REFERENCES refresh_tokens,
    generation integer NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT refresh_tokens_digest UNIQUE (digest),
    CONSTRAINT refresh_tokens_parent UNIQUE (parent_id)
);
GRANT SELECT, INSERT, UPDATE ON refresh_tokens TO app_auth;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- One-time tokens sent by mail, by digest.
CREATE TABLE email_tokens (
    digest bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    purpose text NOT NULL CHECK (purpose IN ('verify_email')),
    email text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
GRANT SELECT, INSERT, UPDATE, DELETE ON email_tokens TO app_auth;
CREATE INDEX email_tokens_by_user ON email_tokens (user_id, purpose);

-- Keys that sign access tokens. The private one is sealed with the master key; at most one signs, retired ones still verify.
CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    sealed_private bytea NOT NULL,
    public_jwk jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    retired_at timestamptz
);
GRANT SELECT, INSERT, UPDATE ON signing_keys TO app_auth;
CREATE UNIQUE INDEX signing_keys_active ON signing_keys ((true)) WHERE retired_at IS NULL;

-- Failed attempts to sign in, by digest of what is throttled (account with address, or address).
CREATE TABLE log_in_throttle (
    key bytea PRIMARY KEY,
    failures integer NOT NULL,
    blocked_until timestamptz NOT NULL,
    forgotten_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON log_in_throttle TO app_auth;

-- Administrators of the platform: separate from people of firms.
CREATE TABLE administrators (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    password_hash text NOT NULL,
    sealed_totp bytea,
    totp_confirmed_at timestamptz,
    totp_last_step bigint NOT NULL DEFAULT 0,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT administrators_email UNIQUE (email)
);
GRANT SELECT, INSERT, UPDATE ON administrators TO app_auth;
