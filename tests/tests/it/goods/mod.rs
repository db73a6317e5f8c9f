//! What firms sell: variants, prices, and what buyers are told of them.

mod imports;
mod prices;
mod variants;
