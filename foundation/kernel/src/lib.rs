//! Words that every room speaks: ids, money, clock, pages, secrets and permissions. No I/O happens here.
//!
//! diesel appears only as a mapping of these types to PostgreSQL's column types.

pub mod actor;
pub mod base32;
pub mod canonical_json;
pub mod clock;
pub mod ids;
pub mod money;
pub mod pages;
pub mod permission;
pub mod secrets;
pub mod spreadsheet;
mod text_enum;

pub use actor::{Actor, ActorKind};
pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use money::{Currency, Money};

#[doc(hidden)]
pub mod macro_support {
    pub use diesel;
    pub use serde;
    pub use utoipa;
    pub use uuid;
}
