-- When somebody last showed a password or a second factor in a session; money, keys and members need it lately.
ALTER TABLE sessions ADD COLUMN stepped_up_at timestamptz;
UPDATE sessions SET stepped_up_at = created_at;
-- The default serves programs of the version before.
ALTER TABLE sessions ALTER COLUMN stepped_up_at SET NOT NULL, ALTER COLUMN stepped_up_at SET DEFAULT now();
