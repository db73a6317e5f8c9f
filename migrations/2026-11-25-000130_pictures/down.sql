DROP TABLE file_derivatives;
DROP INDEX blobs_to_scan;
ALTER TABLE blobs DROP COLUMN scan, DROP COLUMN derived;
