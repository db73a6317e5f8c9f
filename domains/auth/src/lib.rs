//! People, passwords, sessions and tokens.
//!
//! ```text
//! session (a family of refresh tokens):
//!   live --refresh--> live (a child takes the token's place)
//!     |--log-out, reuse of an old token, lost membership--> revoked
//!     \--14 days idle, 90 days in all--> expired
//! ```
//!
//! - INV-I1: secrets are stored as digests only; passwords as argon2id, computed outside any transaction, two at once.
//! - INV-I2: a refresh token has at most one child, however many present it, and the child follows from the parent, so a lost
//!   answer can be asked for again within the grace time.
//! - INV-I3: any other use of a used token ends the whole session, is audited and mailed.
//! - INV-I4: every request reads session, person, membership and firm anew, so whatever is taken away is gone at once.
//! - INV-I5: failed log-ins slow down the address they come from, never the account as such, so nobody can lock a victim out.
//! - INV-I6: a token serves the purpose (audience) it was made for and no other.

mod access_token;
mod authenticate;
mod authority;
mod email_token;
mod firms;
mod hasher;
mod jobs;
mod key_set;
mod keyring;
mod log_in;
mod log_out;
mod password;
mod person;
mod principal;
mod refresh;
mod resend_verification;
mod session;
mod standing;
mod switch_tenant;
pub mod throttle;
pub mod totp;
mod verify_email;

pub use access_token::{AccessClaims, AdminClaims, InvalidToken, MfaClaims, Purpose};
pub use authenticate::{AuthenticateError, Authenticator};
pub use authority::{Authority, Tokens};
pub use email_token::queue_verification;
pub use firms::list_firms;
pub use hasher::{HashError, Hasher};
pub use jobs::ForgetEnded;
pub use keyring::{Keyring, KeyringError, rotate_signing_key};
pub use log_in::{LogIn, LogInError, SignedIn, log_in};
pub use log_out::{end_session, log_out};
pub use password::{Password, WeakPassword};
pub use person::{CreatePersonError, NewPerson, Person, create_person, find_person, find_person_by_email};
pub use principal::{Identity, Principal, RequestMeta, SignedInPerson, Who};
pub use refresh::{RefreshError, refresh};
pub use resend_verification::{ResendError, resend_verification};
pub use session::{NewSession, StartedSession, start_session};
pub use switch_tenant::{SwitchTenant, SwitchTenantError, switch_tenant};
pub use verify_email::{VerifyEmailError, mark_verified, verify_email};
