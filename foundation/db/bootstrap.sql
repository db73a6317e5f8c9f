-- Roles of a cluster, made once by a superuser. `smecloud_owner` owns the schema and runs migrations; `smecloud_app` is the
-- login of api and worker: it owns nothing, has no grants of its own and only steps into the app_* roles.
DO $$
DECLARE role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['app_tenant', 'app_auth', 'app_platform', 'app_public', 'app_jobs'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', role);
        END IF;
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'smecloud_owner') THEN
        CREATE ROLE smecloud_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'smecloud_app') THEN
        CREATE ROLE smecloud_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOINHERIT;
    END IF;
END $$;
GRANT app_tenant, app_auth, app_platform, app_public, app_jobs TO smecloud_app;
ALTER ROLE smecloud_app SET statement_timeout = '30s';
ALTER ROLE smecloud_app SET lock_timeout = '5s';
-- Conflicts, timeouts and lost connections are told apart by the server's words, so those are English everywhere.
ALTER ROLE smecloud_app SET lc_messages = 'C';
ALTER ROLE smecloud_app SET idle_in_transaction_session_timeout = '30s';
