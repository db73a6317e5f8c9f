//! Firms, their members and invitations.
