-- The highest mark, in percent, that what is used has passed and not fallen below again: the firm was told of it.
ALTER TABLE limits ADD COLUMN warned smallint NOT NULL DEFAULT 0 CHECK (warned IN (0, 80, 95));

-- Where the object store and the rows differ, as the last comparison found it. For administrators.
CREATE TABLE storage_exceptions (
    key text PRIMARY KEY,
    -- orphan: an object that no row knows; leftover: one whose row says that it is deleted; foreign: one whose key is none of
    -- the platform's; missing: a row whose object is not there; wrong_size: an object of another size than its row says.
    kind text NOT NULL CHECK (kind IN ('orphan', 'leftover', 'foreign', 'missing', 'wrong_size')),
    size_bytes bigint NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON storage_exceptions TO app_platform;
