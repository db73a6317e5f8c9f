-- A transaction of a tenant makes jobs for that tenant only, and every new job wakes the workers. The role is read from the
-- setting, because current_user is the owner inside enqueue_once.
CREATE OR REPLACE FUNCTION jobs_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('role') = 'app_tenant'
        AND NEW.for_tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
        RAISE EXCEPTION 'a job belongs to the tenant of its transaction';
    END IF;
    PERFORM pg_notify('jobs', '');
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER jobs_guard BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION jobs_guard();

-- Leaves a keyed job unless one waits or is dead. That one is locked until the caller commits, so that no worker starts it
-- before the caller's change can be seen. Runs as the owner: the calling roles may neither read nor change jobs.
CREATE OR REPLACE FUNCTION enqueue_once(
    id uuid, kind text, for_tenant uuid, payload jsonb, dedupe_key text, run_at timestamptz, created_at timestamptz
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO jobs (id, kind, for_tenant, payload, dedupe_key, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state <> 'running'
    DO UPDATE SET run_at = least(jobs.run_at, excluded.run_at) WHERE jobs.attempts = 0
$$;
REVOKE ALL ON FUNCTION enqueue_once FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_once TO app_tenant, app_auth, app_platform, app_jobs;

-- The same for a job that a sweeper finds to be needed again and again: one that has been dead for an hour gets all its attempts anew.
CREATE OR REPLACE FUNCTION enqueue_swept(
    id uuid, kind text, for_tenant uuid, payload jsonb, dedupe_key text, run_at timestamptz, created_at timestamptz
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO jobs (id, kind, for_tenant, payload, dedupe_key, run_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL AND state <> 'running'
    DO UPDATE SET
        run_at = CASE jobs.state WHEN 'dead' THEN excluded.run_at ELSE least(jobs.run_at, excluded.run_at) END,
        state = 'ready', attempts = 0, finished_at = NULL
    WHERE (jobs.state = 'ready' AND jobs.attempts = 0)
        OR (jobs.state = 'dead' AND jobs.finished_at <= excluded.created_at - interval '1 hour')
$$;
REVOKE ALL ON FUNCTION enqueue_swept FROM PUBLIC;
GRANT EXECUTE ON FUNCTION enqueue_swept TO app_auth, app_platform, app_jobs;
