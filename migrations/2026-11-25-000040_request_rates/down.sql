ALTER TABLE plans DROP COLUMN requests_per_minute;
