-- Roles that firms make themselves, business verification, and firms that close.

-- A firm's own role: a name and a set of permissions.
CREATE TABLE roles (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    permissions text[] NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
CALL tenant_table('roles', 'SELECT, INSERT, UPDATE, DELETE');
CREATE UNIQUE INDEX roles_name ON roles (tenant_id, lower(name));

-- `role` holds a built-in role's name or the id of one of the firm's own, which then must exist.
ALTER TABLE members ADD COLUMN own_role uuid GENERATED ALWAYS AS (CASE WHEN role LIKE '%-%' THEN role::uuid END) STORED;
ALTER TABLE members ADD CONSTRAINT members_own_role FOREIGN KEY (tenant_id, own_role) REFERENCES roles (tenant_id, id);

-- Requests to have the platform's people look at a business's registration.
CREATE TABLE verifications (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'verified', 'rejected')),
    unified_social_credit_code text NOT NULL,
    legal_name text NOT NULL CHECK (length(legal_name) BETWEEN 1 AND 200),
    -- The licence as it was when the request was made: a later version of the file is not what was asked about.
    licence_file_id uuid NOT NULL,
    licence_sha256 bytea NOT NULL,
    submitted_by uuid NOT NULL,
    submitted_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    PRIMARY KEY (tenant_id, id),
    CHECK ((status = 'pending') = (decided_at IS NULL)),
    CHECK ((status = 'rejected') = (reason IS NOT NULL))
);
CALL tenant_table('verifications', 'SELECT, INSERT, UPDATE', platform => true);
CREATE UNIQUE INDEX verifications_pending ON verifications (tenant_id) WHERE status = 'pending';
CREATE INDEX verifications_by_status ON verifications (status, id);

ALTER TABLE tenants ADD COLUMN verification text NOT NULL DEFAULT 'none'
    CHECK (verification IN ('none', 'pending', 'verified', 'rejected'));
ALTER TABLE tenants ADD COLUMN closed_at timestamptz;
ALTER TABLE tenants ADD CONSTRAINT tenants_closed CHECK ((status = 'closed') = (closed_at IS NOT NULL));

-- A firm that may not sell at present is not shown.
ALTER TABLE market_sellers ADD COLUMN withdrawn_at timestamptz;
CREATE INDEX market_variants_by_seller ON market_variants (seller_id);

-- A firm that closes ends everybody's sessions in it.
CREATE INDEX sessions_by_tenant ON sessions (for_tenant) WHERE revoked_at IS NULL;
