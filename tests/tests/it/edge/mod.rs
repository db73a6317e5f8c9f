//! How the edge answers what no endpoint should ever see.

mod hanging;
mod hostile;
mod idempotency;
mod limits;
mod races;
mod transactions;
