//! What a firm shows to people outside, who sign in nowhere: share links, and files of public buckets.
//!
//! ```text
//! link: active --max_downloads reached--> used up
//!          |--expires_at--> expired
//!          \--revoked--> revoked
//!
//! visitor: locked --right password--> in, for an hour
//! ```
//!
//! A link shows a file, wherever it is moved to, or a folder: what is in it at the time. Its mode says what visitors may do: see
//! (`view`), see and take (`download`), or only bring (`upload`). A download that continues where it broke off counts once, as
//! long as the visitor shows the pass that came with its beginning.
//!
//! - INV-SH1: a link's token and password are stored as digests only; the token is shown once.
//! - INV-SH2: downloads never exceed the link's maximum: the statement that authorises one counts it.
//! - INV-SH3: a link that is unknown, revoked, expired, another firm's, or of a firm that may not act looks the same from outside.
//! - INV-SH4: wrong passwords slow down the address they come from, never the link as such, so nobody can lock others out.
//! - INV-SH5: what visitors bring takes no other file's place, and tells them nothing but its name and size.
//! - INV-SH6: without signing in, nobody reads a file but by a link or out of a public bucket, and what is refused looks like what is
//!   not there.

mod access;
mod bring;
mod create;
mod download;
mod enter;
mod jobs;
mod pass;
mod preview;
mod public;
mod read;
mod revoke;
mod share;
mod unlock;

pub use access::{Access, AccessResult};
pub use bring::{Bring, BringError, bring};
pub use create::{CreateShare, CreateShareError, NewShare, create_share};
pub use download::{Fetch, Fetched, Part, fetch};
pub use enter::{Entered, VisitError, Visitor, look};
pub use jobs::{FindOldAccesses, ForgetAccesses};
pub use preview::is_previewable;
pub use public::{PublicFile, find_public};
pub use read::{find_share, list_accesses, list_shares};
pub use revoke::{ShareError, revoke_share};
pub use share::{Link, Share, ShareMode, ShareStatus, Target};
pub use unlock::{UnlockError, Unlocked, unlock};
