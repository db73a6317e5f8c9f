DROP INDEX storage_gauges_lifecycle;
ALTER TABLE storage_gauges DROP COLUMN next_lifecycle_at;
ALTER TABLE buckets DROP COLUMN lifecycle;
DROP TABLE restore_plans;
DROP TABLE file_jobs;
