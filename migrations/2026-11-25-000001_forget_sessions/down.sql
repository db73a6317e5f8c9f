DROP INDEX log_in_throttle_forgotten, email_tokens_over, sessions_revoked, sessions_ended;
REVOKE DELETE ON sessions, refresh_tokens FROM app_auth;
