-- Work on many files at once, in steps that each commit: folders moved and copied, a moment restored.
CREATE TABLE file_jobs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('move', 'copy', 'restore')),
    state text NOT NULL CHECK (state IN ('running', 'done', 'failed')),
    -- What is to be done.
    task jsonb NOT NULL,
    -- Files to be looked at, looked at, and of those not changed, with the first reasons.
    total bigint NOT NULL CHECK (total >= 0),
    done bigint NOT NULL DEFAULT 0 CHECK (done >= 0),
    skipped bigint NOT NULL DEFAULT 0 CHECK (skipped BETWEEN 0 AND done),
    conflicts jsonb NOT NULL DEFAULT '[]',
    -- How far it has come; null at the beginning.
    position text COLLATE "C",
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK ((state = 'running') = (finished_at IS NULL))
);
CALL tenant_table('file_jobs', 'SELECT, INSERT, UPDATE, DELETE');

-- What it would mean to restore a moment, as it was told to whoever asked.
CREATE TABLE restore_plans (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    bucket_id uuid,
    prefix text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    counts jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    -- The job that applied it.
    job_id uuid,
    applied_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, job_id) REFERENCES file_jobs (tenant_id, id)
);
CALL tenant_table('restore_plans', 'SELECT, INSERT, UPDATE, DELETE');

-- Rules of a bucket that run every day: what goes to the trash, what is deleted for good, how many versions stay.
ALTER TABLE buckets ADD COLUMN lifecycle jsonb NOT NULL DEFAULT '[]';
-- When the tenant's rules run next; null while there is none.
ALTER TABLE storage_gauges ADD COLUMN next_lifecycle_at timestamptz;
CREATE INDEX storage_gauges_lifecycle ON storage_gauges (next_lifecycle_at) WHERE next_lifecycle_at IS NOT NULL;
