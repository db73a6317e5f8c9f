DROP TABLE schedules, jobs, limits, usage_events, idempotency_keys, audit_log, events, heads;
DROP PROCEDURE tenant_table;
