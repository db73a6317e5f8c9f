//! Background work of the catalogue.

mod release_expired;
mod sweep_reservations;

pub use release_expired::ReleaseExpired;
pub use sweep_reservations::SweepReservations;
