DROP INDEX share_accesses_by_age;
REVOKE SELECT ON share_accesses FROM app_platform;
DROP POLICY platform_read ON share_accesses;
