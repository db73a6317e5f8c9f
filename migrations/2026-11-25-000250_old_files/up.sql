-- Files, versions and gauges from before there were versions: the migration that brought those saw no row, as row-level security
-- binds the owner too, hence the pause here.
ALTER TABLE files NO FORCE ROW LEVEL SECURITY;
ALTER TABLE file_versions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE file_history NO FORCE ROW LEVEL SECURITY;
ALTER TABLE storage_gauges NO FORCE ROW LEVEL SECURITY;
UPDATE files SET purge_at = deleted_at + interval '30 days' WHERE deleted_at IS NOT NULL AND purge_at IS NULL;
UPDATE file_versions v SET replaced_at = now(), purge_at = now() + interval '30 days'
FROM files f WHERE f.tenant_id = v.tenant_id AND f.id = v.file_id AND f.version_id <> v.id AND v.replaced_at IS NULL;
INSERT INTO file_history (tenant_id, id, file_id, bucket_id, path, version_id, at)
SELECT tenant_id, gen_random_uuid(), id, bucket_id, path, CASE WHEN deleted_at IS NULL THEN version_id END, updated_at
FROM files f WHERE NOT EXISTS (SELECT FROM file_history h WHERE h.tenant_id = f.tenant_id AND h.file_id = f.id);
UPDATE storage_gauges SET next_purge_at = now();
ALTER TABLE files FORCE ROW LEVEL SECURITY;
ALTER TABLE file_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE file_history FORCE ROW LEVEL SECURITY;
ALTER TABLE storage_gauges FORCE ROW LEVEL SECURITY;
