//! What firms sell: variants, prices, and what buyers are told of them.

mod prices;
mod variants;
