//! What firms sell: variants, prices, and what buyers are told of them.

mod categories;
mod changes;
mod imports;
mod locations;
mod prices;
mod texts;
mod variants;
