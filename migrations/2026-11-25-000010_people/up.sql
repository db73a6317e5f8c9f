-- People: a second factor with recovery codes, links that reset a password or change an address, consents.

-- `sealed_totp` waits for its first code until `totp_confirmed_at`; codes of `totp_last_step` and before were used.
ALTER TABLE users
    ADD COLUMN sealed_totp bytea,
    ADD COLUMN totp_confirmed_at timestamptz,
    ADD COLUMN totp_last_step bigint NOT NULL DEFAULT 0,
    ADD COLUMN password_changed_at timestamptz,
    ADD CONSTRAINT users_totp CHECK (totp_confirmed_at IS NULL OR sealed_totp IS NOT NULL);
UPDATE users SET password_changed_at = created_at;
-- The default serves programs of the version before.
ALTER TABLE users ALTER COLUMN password_changed_at SET NOT NULL, ALTER COLUMN password_changed_at SET DEFAULT now();

-- What a person may show once instead of a code, by keyed digest.
CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users,
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (user_id, digest)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON recovery_codes TO app_auth;

ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_check;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_check
    CHECK (purpose IN ('verify_email', 'change_email', 'reset_password'));

-- Which version of which document a person accepted, and when: by signing up, or on its own.
CREATE TABLE consents (
    user_id uuid NOT NULL REFERENCES users,
    document text NOT NULL CHECK (document IN ('terms', 'privacy')),
    version text NOT NULL CHECK (length(version) BETWEEN 1 AND 40),
    occasion text NOT NULL CHECK (occasion IN ('sign_up', 'request')),
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, document, version)
);
GRANT SELECT, INSERT ON consents TO app_auth;
