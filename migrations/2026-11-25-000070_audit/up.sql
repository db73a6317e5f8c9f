-- Whether what was tried was done or refused; null in rows from before this column, whose hashes do not cover it.
ALTER TABLE audit_log ADD COLUMN result text CHECK (result IN ('success', 'refused'));
-- The actor's address in plain, for as long as the law wants it; outside the hash, which covers a salted digest, so that it
-- can be erased.
ALTER TABLE audit_log ADD COLUMN ip text;
GRANT UPDATE (ip) ON audit_log TO app_tenant;

-- The ways the log is searched, each newest first.
CREATE INDEX audit_log_by_actor ON audit_log (tenant_id, actor_id, seq);
CREATE INDEX audit_log_by_action ON audit_log (tenant_id, action, seq);
CREATE INDEX audit_log_by_object ON audit_log (tenant_id, object, seq);
CREATE INDEX audit_log_by_request ON audit_log (tenant_id, request_id);
CREATE INDEX audit_log_by_time ON audit_log (tenant_id, at);
-- Finds what is to be erased, without looking through the rows that are done.
CREATE INDEX audit_log_addresses ON audit_log (tenant_id, at) WHERE ip IS NOT NULL;
