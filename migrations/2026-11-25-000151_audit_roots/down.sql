DROP INDEX audit_log_lately;
DROP TABLE audit_roots;
