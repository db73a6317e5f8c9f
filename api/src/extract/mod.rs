//! What handlers take: each extractor either gives a checked value or refuses with a problem.
//!
//! Callers come first in a handler's arguments: every other extractor waits until the caller is known, so that a stranger
//! learns nothing of a request's validity and cannot make the platform read a body.

mod administrator;
mod body;
mod caller;
mod duplicates;
mod gate;
mod if_match;
mod metadata;
mod once;
mod page;
mod path_id;
mod pointer;
mod query;
#[cfg(test)]
mod tests;
mod valid_json;
mod words;

pub use administrator::Administrator;
pub(crate) use body::is_bodiless;
pub use body::{BodyDigest, read_body};

pub(crate) use caller::demand_held;
pub use caller::{
    Allowed, Caller, Person, Protector, SignedIn, SteppedUp, SteppedUpFor, Verified, VerifiedAndSteppedUpFor,
};
pub use if_match::{IfMatch, IfMatchHeader};
pub(crate) use metadata::{is_metadata, is_small};
pub use once::{Once, RequiredKey, RequiredOnce};
pub use page::{PageParams, PageQuery};
pub use path_id::PathId;
pub use query::Filters;
pub use valid_json::ValidJson;
