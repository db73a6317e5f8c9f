//! Plans, subscriptions, usage and invoices.
