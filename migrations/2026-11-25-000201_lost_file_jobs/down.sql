DROP INDEX file_jobs_running;
REVOKE SELECT ON file_jobs FROM app_platform;
DROP POLICY platform_read ON file_jobs;
ALTER TABLE file_jobs DROP COLUMN reason;
