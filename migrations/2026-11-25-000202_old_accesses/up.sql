-- The platform's sweeper finds accesses by share links that are to be forgotten.
CREATE POLICY platform_read ON share_accesses FOR SELECT TO app_platform
    USING (nullif(current_setting('app.platform', true), '') = 'on');
GRANT SELECT ON share_accesses TO app_platform;
CREATE INDEX share_accesses_by_age ON share_accesses (at);
