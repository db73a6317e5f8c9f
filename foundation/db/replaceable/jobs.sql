-- A transaction of a tenant makes jobs for that tenant only, and every new job wakes the workers.
CREATE OR REPLACE FUNCTION jobs_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = 'app_tenant'
        AND NEW.for_tenant IS DISTINCT FROM nullif(current_setting('app.tenant_id', true), '')::uuid THEN
        RAISE EXCEPTION 'a job belongs to the tenant of its transaction';
    END IF;
    PERFORM pg_notify('jobs', '');
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER jobs_guard BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION jobs_guard();
