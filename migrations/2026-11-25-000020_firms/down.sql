DROP INDEX sessions_by_tenant;
DROP INDEX market_variants_by_seller;
ALTER TABLE market_sellers DROP COLUMN withdrawn_at;
ALTER TABLE tenants DROP COLUMN closed_at, DROP COLUMN verification;
DROP TABLE verifications;
ALTER TABLE members DROP COLUMN own_role;
DROP TABLE roles;
