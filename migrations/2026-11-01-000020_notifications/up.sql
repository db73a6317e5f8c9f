-- Mails to be sent and sent; parameters (which may hold one-time links) are emptied once the mail is out.
CREATE TABLE mails (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    recipient text NOT NULL,
    template text NOT NULL,
    locale text NOT NULL,
    params jsonb NOT NULL,
    dedupe_key text,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed')),
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, dedupe_key)
);
CALL tenant_table('mails', 'SELECT, INSERT, UPDATE');

-- Notices in a member's inbox, rendered when read.
CREATE TABLE notifications (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    template text NOT NULL,
    params jsonb NOT NULL,
    dedupe_key text NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, user_id, dedupe_key)
);
CALL tenant_table('notifications', 'SELECT, INSERT, UPDATE');
CREATE INDEX notifications_of_user ON notifications (tenant_id, user_id, id DESC);
