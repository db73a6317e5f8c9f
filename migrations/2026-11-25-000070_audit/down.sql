DROP INDEX audit_log_addresses, audit_log_by_time, audit_log_by_request, audit_log_by_object, audit_log_by_action, audit_log_by_actor;
-- The trigger would look at the column that goes; the function of the older version is put in place with its program.
REVOKE UPDATE (ip) ON audit_log FROM app_tenant;
ALTER TABLE audit_log DROP COLUMN ip, DROP COLUMN result;
