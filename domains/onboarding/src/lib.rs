//! Sign-up: a person, a firm and a plan in one transaction.
