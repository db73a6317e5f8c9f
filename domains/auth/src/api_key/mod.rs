//! Keys of programs: made by people, belonging to the firm.

mod addresses;
mod authenticate;
mod create;
mod error;
mod events;
mod key;
mod read;
mod revoke;
mod rotate;
mod secret;
mod token;
mod update;

pub use addresses::{AllowedAddresses, MalformedNetwork};
pub(crate) use authenticate::authenticate_program;
pub use create::{CreateApiKey, create_api_key};
pub use error::ApiKeyError;
pub use key::{ApiKey, ApiKeyStatus, KeyMaker};
pub use read::{find_api_key, list_api_keys};
pub use revoke::revoke_api_key;
pub use rotate::{LONGEST_OVERLAP, RotateApiKey, rotate_api_key};
pub(crate) use token::ApiKeyToken;
pub use token::PREFIX;
pub use update::{UpdateApiKey, update_api_key};
