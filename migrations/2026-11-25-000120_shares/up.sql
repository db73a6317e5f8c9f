-- Share links: a file or a folder that people outside reach without signing in. A token carries its tenant beside the secret, so it
-- is found without a global index. What a share points at may go before it does; then it opens nothing.
CREATE TABLE shares (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    bucket_id uuid NOT NULL,
    -- A file, wherever it is moved to.
    file_id uuid,
    -- Or a folder: nothing for the whole bucket, otherwise up to and with a slash.
    prefix text COLLATE "C",
    mode text NOT NULL CHECK (mode IN ('view', 'download', 'upload')),
    token_digest bytea NOT NULL CHECK (length(token_digest) = 32),
    password_hash text,
    max_downloads integer CHECK (max_downloads > 0),
    downloads integer NOT NULL DEFAULT 0,
    expires_at timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_digest),
    CHECK ((file_id IS NULL) <> (prefix IS NULL)),
    CHECK (prefix IS NOT NULL OR mode <> 'upload'),
    CHECK (max_downloads IS NULL OR downloads <= max_downloads)
);
CALL tenant_table('shares', 'SELECT, INSERT, UPDATE');

-- Who came by a share link, and what came of it.
CREATE TABLE share_accesses (
    tenant_id uuid NOT NULL,
    share_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    result text NOT NULL CHECK (result IN ('opened', 'unlocked', 'wrong_password', 'throttled', 'downloaded', 'used_up', 'dropped', 'ended')),
    -- The file, seen from the share; null for the share as a whole.
    path text,
    ip text,
    user_agent text,
    PRIMARY KEY (tenant_id, share_id, id),
    FOREIGN KEY (tenant_id, share_id) REFERENCES shares (tenant_id, id)
);
CALL tenant_table('share_accesses', 'SELECT, INSERT, DELETE');
