//! How the edge answers what no endpoint should ever see.

mod hostile;
mod idempotency;
mod races;
mod transactions;
