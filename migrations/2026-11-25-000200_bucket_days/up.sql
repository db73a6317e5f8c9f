-- What each bucket holds, day by day in UTC: a row for each day on which something changed, kept by the bucket's name, so that
-- it outlives the bucket.
CREATE TABLE bucket_storage_days (
    tenant_id uuid NOT NULL,
    bucket text COLLATE "C" NOT NULL,
    day date NOT NULL,
    -- Stored since an instant of that day. Until then, what is counted of the day: whole byte-hours, and the byte-seconds left over.
    bytes bigint NOT NULL CHECK (bytes >= 0),
    since timestamptz NOT NULL,
    byte_hours bigint NOT NULL CHECK (byte_hours >= 0),
    byte_seconds integer NOT NULL CHECK (byte_seconds BETWEEN 0 AND 3599),
    -- Files that were stored.
    write_requests bigint NOT NULL CHECK (write_requests >= 0),
    PRIMARY KEY (tenant_id, bucket, day)
);
CALL tenant_table('bucket_storage_days', 'SELECT, INSERT, UPDATE');
-- Row-level security binds the owner too, hence the pause.
ALTER TABLE files NO FORCE ROW LEVEL SECURITY;
ALTER TABLE buckets NO FORCE ROW LEVEL SECURITY;
ALTER TABLE file_versions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE bucket_storage_days NO FORCE ROW LEVEL SECURITY;
INSERT INTO bucket_storage_days (tenant_id, bucket, day, bytes, since, byte_hours, byte_seconds, write_requests)
SELECT f.tenant_id, b.name, (now() AT TIME ZONE 'UTC')::date, sum(v.size_bytes), now(), 0, 0, 0
FROM files f
JOIN buckets b ON b.tenant_id = f.tenant_id AND b.id = f.bucket_id
JOIN file_versions v ON v.tenant_id = f.tenant_id AND v.file_id = f.id
GROUP BY f.tenant_id, b.name;
ALTER TABLE files FORCE ROW LEVEL SECURITY;
ALTER TABLE buckets FORCE ROW LEVEL SECURITY;
ALTER TABLE file_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE bucket_storage_days FORCE ROW LEVEL SECURITY;

-- What was read of each bucket. Added to every few seconds, not with every read.
CREATE TABLE bucket_traffic_days (
    tenant_id uuid NOT NULL,
    bucket text COLLATE "C" NOT NULL,
    day date NOT NULL,
    read_requests bigint NOT NULL CHECK (read_requests >= 0),
    egress_bytes bigint NOT NULL CHECK (egress_bytes >= 0),
    PRIMARY KEY (tenant_id, bucket, day)
);
CALL tenant_table('bucket_traffic_days', 'SELECT, INSERT, UPDATE');
