-- How many requests a minute a plan grants each person and each key of a firm.
ALTER TABLE plans ADD COLUMN requests_per_minute integer NOT NULL DEFAULT 300 CHECK (requests_per_minute > 0);
UPDATE plans SET requests_per_minute = CASE code WHEN 'standard' THEN 1200 WHEN 'pro' THEN 6000 ELSE 300 END;
