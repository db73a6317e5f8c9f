//! How the edge answers what no endpoint should ever see.

mod hostile;
mod idempotency;
mod limits;
mod races;
mod transactions;
