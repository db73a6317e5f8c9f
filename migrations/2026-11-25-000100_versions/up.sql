-- Versions, trash and deduplication: what is overwritten or deleted stays for a time, and equal bytes are stored once.

-- How many rows show the bytes; while they are pending, one will. At zero the blob is doomed.
ALTER TABLE blobs ADD COLUMN refs bigint NOT NULL DEFAULT 1 CHECK (refs >= 0);
ALTER TABLE blobs ADD CONSTRAINT blobs_shown CHECK (state <> 'live' OR refs > 0);
CREATE INDEX blobs_by_content ON blobs (tenant_id, sha256) WHERE state = 'live';

-- How long a bucket keeps what was deleted or overwritten, in days, and how many older versions of a file at most.
ALTER TABLE buckets ADD COLUMN trash_days integer NOT NULL DEFAULT 30 CHECK (trash_days BETWEEN 0 AND 3650);
ALTER TABLE buckets ADD COLUMN version_days integer NOT NULL DEFAULT 30 CHECK (version_days BETWEEN 0 AND 3650);
ALTER TABLE buckets ADD COLUMN keep_versions integer CHECK (keep_versions BETWEEN 0 AND 10000);
ALTER TABLE buckets ADD COLUMN revision bigint NOT NULL DEFAULT 1;

ALTER TABLE files ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
ALTER TABLE files ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}';
ALTER TABLE files ADD COLUMN revision bigint NOT NULL DEFAULT 1;
-- In the trash: when it is deleted for good.
ALTER TABLE files ADD COLUMN purge_at timestamptz;
UPDATE files SET purge_at = deleted_at + interval '30 days' WHERE deleted_at IS NOT NULL;
CREATE INDEX files_in_trash ON files (tenant_id, deleted_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX files_to_purge ON files (tenant_id, purge_at) WHERE purge_at IS NOT NULL;

-- An older version: since when another is shown, and when it is deleted for good.
ALTER TABLE file_versions ADD COLUMN replaced_at timestamptz;
ALTER TABLE file_versions ADD COLUMN purge_at timestamptz;
ALTER TABLE file_versions ADD CHECK ((replaced_at IS NULL) = (purge_at IS NULL));
GRANT UPDATE (replaced_at, purge_at) ON file_versions TO app_tenant;
UPDATE file_versions v SET replaced_at = now(), purge_at = now() + interval '30 days'
FROM files f WHERE f.tenant_id = v.tenant_id AND f.id = v.file_id AND f.version_id <> v.id;
CREATE INDEX file_versions_to_purge ON file_versions (tenant_id, purge_at) WHERE purge_at IS NOT NULL;
CREATE INDEX file_versions_of_blob ON file_versions (tenant_id, blob_id);

-- Where a file was and what it showed from when on; no version: it was in the trash. Restoring a moment reads it.
CREATE TABLE file_history (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    file_id uuid NOT NULL,
    bucket_id uuid NOT NULL,
    path text COLLATE "C" NOT NULL,
    version_id uuid,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, file_id) REFERENCES files (tenant_id, id)
);
CALL tenant_table('file_history', 'SELECT, INSERT, DELETE');
CREATE INDEX file_history_of_file ON file_history (tenant_id, file_id, at DESC, id DESC);
INSERT INTO file_history (tenant_id, id, file_id, bucket_id, path, version_id, at)
SELECT tenant_id, gen_random_uuid(), id, bucket_id, path, CASE WHEN deleted_at IS NULL THEN version_id END, updated_at FROM files;

-- A held file is not deleted for good until every hold on it has ended.
CREATE TABLE file_holds (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    file_id uuid NOT NULL,
    -- What holds it: a person, or a dispute by its id.
    cause text NOT NULL CHECK (length(cause) BETWEEN 1 AND 100),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    placed_at timestamptz NOT NULL,
    released_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, file_id) REFERENCES files (tenant_id, id)
);
CALL tenant_table('file_holds', 'SELECT, INSERT, UPDATE, DELETE');
CREATE INDEX file_holds_standing ON file_holds (tenant_id, file_id) WHERE released_at IS NULL;

-- When something of the tenant may have to be deleted for good, at the earliest; the sweeper looks.
ALTER TABLE storage_gauges ADD COLUMN next_purge_at timestamptz;
UPDATE storage_gauges SET next_purge_at = now();
CREATE INDEX storage_gauges_to_purge ON storage_gauges (next_purge_at) WHERE next_purge_at IS NOT NULL;
