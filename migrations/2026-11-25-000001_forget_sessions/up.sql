-- What has ended is forgotten by a sweeper.
GRANT DELETE ON sessions, refresh_tokens TO app_auth;
CREATE INDEX sessions_ended ON sessions (expires_at);
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX email_tokens_over ON email_tokens (expires_at);
CREATE INDEX log_in_throttle_forgotten ON log_in_throttle (forgotten_at);
