-- Every process reads at its start which schema it meets.
GRANT SELECT ON __diesel_schema_migrations TO app_public, app_platform;
