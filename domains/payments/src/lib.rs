//! Money in and out through a payment gateway, and escrow.
