DROP TABLE consents;
DELETE FROM email_tokens WHERE purpose <> 'verify_email';
ALTER TABLE email_tokens DROP CONSTRAINT email_tokens_purpose_check;
ALTER TABLE email_tokens ADD CONSTRAINT email_tokens_purpose_check CHECK (purpose IN ('verify_email'));
DROP TABLE recovery_codes;
ALTER TABLE users
    DROP CONSTRAINT users_totp,
    DROP COLUMN sealed_totp,
    DROP COLUMN totp_confirmed_at,
    DROP COLUMN totp_last_step,
    DROP COLUMN password_changed_at;
