//! Background work of the catalogue.

mod apply_schedule;
mod release_expired;
mod sweep_reservations;
mod sweep_schedules;

pub use apply_schedule::{ApplySchedule, SellerOf};
pub use release_expired::ReleaseExpired;
pub use sweep_reservations::SweepReservations;
pub use sweep_schedules::SweepSchedules;
