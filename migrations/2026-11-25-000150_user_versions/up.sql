-- People are changed by several of their programs at once: what one has not seen it must not overwrite.
-- The default serves programs of the version before.
ALTER TABLE users ADD COLUMN version bigint NOT NULL DEFAULT 1;
