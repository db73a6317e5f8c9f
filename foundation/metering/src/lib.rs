//! Usage events and limits, reserved in the caller's transaction.
//!
//! ```text
//! reserve --settle (what was really used)--> used
//!    \-----release (it did not happen)-----> free again
//! ```
//!
//! - INV-M1: one cause counts once: a usage event's id comes from its cause.
//! - INV-M2: `used + reserved` never passes `maximum` by a reservation, however many run at once.
//! - INV-M3: what is used or reserved is never negative.
//! - INV-M4: a mark of a limit is told once when it is passed, in the transaction that passes it, and again only after use was
//!   well below it.

mod limit;
mod mark;
mod usage;

use kernel::text_enum;

pub use limit::{Limit, ReserveError, consume, limits, release, reserve, set_limit, settle};
pub use mark::{Passed, passed};
pub use usage::{record, usage};

text_enum! {
    /// What is counted.
    pub enum Meter {
        /// Bytes stored at present.
        StorageBytes = "storage_bytes",
        /// Bytes stored times hours.
        StorageByteHours = "storage_byte_hours",
        /// Bytes sent out.
        EgressBytes = "egress_bytes",
        /// Requests to the API.
        ApiRequests = "api_requests",
        /// Minor units of money sold.
        OrdersValue = "orders_value",
        /// Products that exist.
        Products = "products",
        /// Members that exist.
        Members = "members",
        /// Keys of programs that are not revoked.
        ApiKeys = "api_keys",
    }
}
