DROP TABLE storage_exceptions;
ALTER TABLE limits DROP COLUMN warned;
