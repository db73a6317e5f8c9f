//! Double-entry books, one per tenant.
