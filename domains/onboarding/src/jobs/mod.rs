//! Background work for firms that come and go.

mod match_market;
mod sweep_market;

pub use match_market::MatchMarket;
pub use sweep_market::SweepMarket;
