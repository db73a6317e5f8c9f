-- Small pictures of pictures, and the look for viruses.

-- Bytes that the platform made from another blob: no version shows them, and nobody is billed for them.
ALTER TABLE blobs ADD COLUMN derived boolean NOT NULL DEFAULT false;
-- What the virus scanner says; null for what was stored while there was none. pending: nobody may read it yet; clean; infected;
-- too_large: the scanner takes nothing of this size, and nobody may read it.
ALTER TABLE blobs ADD COLUMN scan text CHECK (scan IN ('pending', 'clean', 'infected', 'too_large'));
CREATE INDEX blobs_to_scan ON blobs (created_at) WHERE scan = 'pending';

-- A picture in a smaller size, for each blob that is a picture and each preset. waiting: to be made by the worker; made: in an
-- object of its own; failed: the blob is no picture after all, or one too large.
CREATE TABLE file_derivatives (
    tenant_id uuid NOT NULL,
    blob_id uuid NOT NULL,
    preset text NOT NULL CHECK (preset IN ('small', 'medium', 'large')),
    state text NOT NULL CHECK (state IN ('waiting', 'made', 'failed')),
    -- The blob that holds it, or is to hold it.
    object_id uuid,
    content_type text,
    width integer CHECK (width > 0),
    height integer CHECK (height > 0),
    size_bytes bigint CHECK (size_bytes > 0),
    sha256 bytea,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, blob_id, preset),
    FOREIGN KEY (tenant_id, blob_id) REFERENCES blobs (tenant_id, id),
    FOREIGN KEY (tenant_id, object_id) REFERENCES blobs (tenant_id, id),
    CHECK (state <> 'made' OR num_nonnulls(object_id, content_type, width, height, size_bytes, sha256) = 6)
);
CALL tenant_table('file_derivatives', 'SELECT, INSERT, UPDATE, DELETE', platform => true);
CREATE INDEX file_derivatives_waiting ON file_derivatives (created_at) WHERE state = 'waiting';
