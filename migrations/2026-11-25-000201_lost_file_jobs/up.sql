-- Why a job on files was given up; and the platform's sweeper finds those whose worker is gone.
ALTER TABLE file_jobs ADD COLUMN reason text CHECK (reason IN ('gave_up', 'worker_lost'));
-- Row-level security binds the owner too, hence the pause.
ALTER TABLE file_jobs NO FORCE ROW LEVEL SECURITY;
UPDATE file_jobs SET reason = 'gave_up' WHERE state = 'failed';
ALTER TABLE file_jobs FORCE ROW LEVEL SECURITY;
-- A program of the version before gives no reason.
ALTER TABLE file_jobs ADD CHECK (reason IS NULL OR state = 'failed');
CREATE POLICY platform_read ON file_jobs FOR SELECT TO app_platform
    USING (nullif(current_setting('app.platform', true), '') = 'on');
GRANT SELECT ON file_jobs TO app_platform;
CREATE INDEX file_jobs_running ON file_jobs (created_at) WHERE state = 'running';
