-- Signed roots over runs of an audit chain: a Merkle tree over the rows' hashes, by Ed25519. Never updated.
CREATE TABLE audit_roots (
    tenant_id uuid NOT NULL,
    first_seq bigint NOT NULL CHECK (first_seq > 0),
    last_seq bigint NOT NULL,
    root bytea NOT NULL CHECK (length(root) = 32),
    made_at timestamptz NOT NULL,
    -- The signing key may be long gone when a proof is checked.
    public_jwk jsonb NOT NULL,
    signature bytea NOT NULL CHECK (length(signature) = 64),
    PRIMARY KEY (tenant_id, first_seq),
    CHECK (last_seq >= first_seq)
);
CALL tenant_table('audit_roots', 'SELECT, INSERT', platform => true);
CREATE INDEX audit_roots_by_time ON audit_roots (made_at);
-- Finds the chains that were told something lately; rows are added in the order of time, nearly.
CREATE INDEX audit_log_lately ON audit_log USING brin (at);
