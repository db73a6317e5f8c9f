//! Background work of the catalogue.

mod apply_schedule;
mod count_words;
mod cut_listings;
mod release_expired;
mod sweep_cuts;
mod sweep_reservations;
mod sweep_schedules;

pub use apply_schedule::{ApplySchedule, SellerOf};
pub use count_words::CountWords;
pub use cut_listings::CutListings;
pub use release_expired::ReleaseExpired;
pub use sweep_cuts::SweepCuts;
pub use sweep_reservations::SweepReservations;
pub use sweep_schedules::SweepSchedules;
