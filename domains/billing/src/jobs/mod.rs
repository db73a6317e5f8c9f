mod close_period;
mod find_ended_periods;

pub use close_period::ClosePeriod;
pub use find_ended_periods::FindEndedPeriods;
