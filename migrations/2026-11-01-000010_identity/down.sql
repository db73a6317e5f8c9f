DROP TABLE administrators, log_in_throttle, signing_keys, email_tokens, refresh_tokens, sessions, user_tenants, users, invitations,
    members, tenants;
