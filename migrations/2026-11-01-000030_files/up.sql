-- Buckets: where files live, who may read them, and what may enter.
CREATE TABLE buckets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    visibility text NOT NULL CHECK (visibility IN ('private', 'public')),
    max_object_bytes bigint CHECK (max_object_bytes > 0),
    allowed_types text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);
CALL tenant_table('buckets', 'SELECT, INSERT, UPDATE, DELETE');

-- Stored bytes. An object's key is tenant and blob id, never a name. pending: being uploaded, not visible, its bytes are
-- reserved; live: a version shows it; doomed: nothing shows it, the worker deletes the object; gone: deleted.
CREATE TABLE blobs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'live', 'doomed', 'gone')),
    size_bytes bigint NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
    reserved_bytes bigint NOT NULL DEFAULT 0 CHECK (reserved_bytes >= 0),
    sha256 bytea,
    created_at timestamptz NOT NULL,
    -- When an upload that has not ended is given up.
    expires_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CALL tenant_table('blobs', 'SELECT, INSERT, UPDATE', platform => true);
CREATE INDEX blobs_unsettled ON blobs (expires_at) WHERE state = 'pending';
CREATE INDEX blobs_doomed ON blobs (created_at) WHERE state = 'doomed';

-- Files: a path in a bucket, showing one version. A deleted file waits in the trash.
CREATE TABLE files (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    bucket_id uuid NOT NULL,
    path text COLLATE "C" NOT NULL,
    version_id uuid NOT NULL,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, bucket_id) REFERENCES buckets (tenant_id, id)
);
CALL tenant_table('files', 'SELECT, INSERT, UPDATE, DELETE');
CREATE UNIQUE INDEX files_by_path ON files (tenant_id, bucket_id, path) WHERE deleted_at IS NULL;

-- Versions of a file's content. Never changed.
CREATE TABLE file_versions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    file_id uuid NOT NULL,
    blob_id uuid NOT NULL,
    size_bytes bigint NOT NULL,
    content_type text NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, file_id) REFERENCES files (tenant_id, id),
    FOREIGN KEY (tenant_id, blob_id) REFERENCES blobs (tenant_id, id)
);
CALL tenant_table('file_versions', 'SELECT, INSERT, DELETE');
CREATE INDEX file_versions_of_file ON file_versions (tenant_id, file_id, id DESC);

-- How much is stored since when: turned into byte-hours whenever it changes and when a period closes.
CREATE TABLE storage_gauges (
    tenant_id uuid PRIMARY KEY,
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    since timestamptz NOT NULL,
    -- Byte-seconds that did not make a whole byte-hour yet.
    remainder bigint NOT NULL DEFAULT 0 CHECK (remainder >= 0)
);
CALL tenant_table('storage_gauges', 'SELECT, INSERT, UPDATE', platform => true);
