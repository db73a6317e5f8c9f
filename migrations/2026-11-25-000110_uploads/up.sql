-- Uploads of more than one request. single and multipart: the bytes go to the object store directly, under signed addresses;
-- resumable: they come through the API in pieces (tus). open: bytes may come; sealed: all came, the file is about to be shown;
-- done: the file is shown; given_up: aborted or expired. Buckets and blobs may go while rows tell of the past, hence no
-- foreign keys to them.
CREATE TABLE uploads (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('single', 'multipart', 'resumable')),
    state text NOT NULL CHECK (state IN ('open', 'sealed', 'done', 'given_up')),
    bucket_id uuid NOT NULL,
    path text NOT NULL,
    content_type text,
    -- Null until a resumable upload says how long it is.
    declared_bytes bigint CHECK (declared_bytes >= 0),
    -- As declared, or as found once all bytes came.
    sha256 bytea,
    -- Holds the reservation; its object is what the signed address of a single upload writes, or what the parts become.
    blob_id uuid NOT NULL,
    -- The object store's name of the multipart upload.
    store_upload_id text,
    part_bytes bigint CHECK (part_bytes > 0),
    -- The file that it became.
    file_id uuid,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- What follows is for resumable uploads only. Bytes that are safe in the store.
    offset_bytes bigint NOT NULL DEFAULT 0 CHECK (offset_bytes >= 0),
    -- Of them, those behind the last part wait in an object of their own.
    tail_blob_id uuid,
    -- The state of SHA-256 after so many bytes, and the first bytes of the file.
    hash_state bytea,
    head bytea,
    -- Upload-Metadata as it was given.
    metadata text,
    -- The request that may write now, and until when, unless it says so again.
    lock_id uuid,
    locked_until timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CALL tenant_table('uploads', 'SELECT, INSERT, UPDATE, DELETE', platform => true);
CREATE INDEX uploads_by_end ON uploads (expires_at);

-- Parts of a resumable upload that are safe in the store.
CREATE TABLE upload_parts (
    tenant_id uuid NOT NULL,
    upload_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    etag text NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, number),
    FOREIGN KEY (tenant_id, upload_id) REFERENCES uploads (tenant_id, id) ON DELETE CASCADE
);
CALL tenant_table('upload_parts', 'SELECT, INSERT, UPDATE, DELETE');
