ALTER TABLE limits NO FORCE ROW LEVEL SECURITY;
DELETE FROM limits WHERE meter = 'api_keys';
ALTER TABLE limits FORCE ROW LEVEL SECURITY;
DELETE FROM plan_meters WHERE meter = 'api_keys';
DROP TABLE api_key_secrets;
DROP TABLE api_keys;
