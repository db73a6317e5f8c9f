DROP INDEX sessions_by_tenant;
ALTER TABLE market_sellers DROP COLUMN withdrawn_at;
ALTER TABLE tenants DROP COLUMN closed_at, DROP COLUMN verification;
DROP TABLE verifications;
ALTER TABLE members DROP COLUMN own_role;
DROP TABLE roles;
