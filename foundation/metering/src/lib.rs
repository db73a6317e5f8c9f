//! Usage events and limits, reserved in the caller's transaction.
