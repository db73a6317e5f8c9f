//! People, passwords, sessions and tokens.
//!
//! ```text
//! session (a family of refresh tokens):
//!   live --refresh--> live (a child takes the token's place)
//!     |--log-out, ended elsewhere, new password or second factor, reuse of an old token, lost membership--> revoked
//!     \--14 days idle, 90 days in all--> expired
//!
//! log-in: password --> signed in, or half-way --code of the authenticator or recovery code--> signed in
//!
//! key of a program:
//!   active --rotate--> active (a new token; the old one works on for the overlap)
//!     |--revoked--> revoked
//!     \--expires_at--> expired (may be given a later one)
//! ```
//!
//! - INV-I1: secrets are stored as digests only; passwords as argon2id, computed outside any transaction, two at once.
//! - INV-I2: a refresh token has at most one child, however many present it, and the child follows from the parent, so a lost
//!   answer can be asked for again within the grace time.
//! - INV-I3: any other use of a used token ends the whole session, is audited and mailed.
//! - INV-I4: every request reads session, person, membership and firm anew, so whatever is taken away is gone at once.
//! - INV-I5: failed log-ins slow down the address they come from, never the account as such, so nobody can lock a victim out.
//! - INV-I6: a token serves the purpose (audience) it was made for and no other.
//! - INV-I7: a key allows no more than whoever made, rotated or widened it was allowed at that time, and nothing that is for
//!   people. It belongs to the firm: it stays when they leave or lose a permission, until somebody revokes it.
//! - INV-I8: a key has one present token; those before it work until the end of their overlap, and of all only digests are stored.
//! - INV-I9: with a second factor on, every log-in asks for a code, also after a reset; a code serves once, and what the password
//!   alone leads to opens nothing.
//! - INV-I10: a new password ends all other sessions and kills links that were mailed before.

mod access_token;
mod api_key;
mod authenticate;
mod authority;
mod change_email;
mod change_password;
mod choose_password;
mod confirm_log_in;
mod consent;
mod email_token;
mod end_in_firm;
mod enrol_totp;
mod enter;
mod firms;
mod forgot_password;
mod hasher;
mod jobs;
mod key_set;
mod keyring;
mod log_in;
mod log_out;
mod notice;
mod password;
mod person;
mod principal;
mod proof;
mod refresh;
mod resend_verification;
mod reset_password;
mod second_factor;
mod security_events;
mod session;
mod sessions_of_person;
mod standing;
mod step_up;
mod switch_tenant;
pub mod throttle;
pub mod totp;
mod update_profile;
mod verify_email;

pub use access_token::{AccessClaims, AdminClaims, HalfwayClaims, InvalidToken, MfaClaims, Purpose};
pub use api_key::{
    AllowedAddresses, ApiKey, ApiKeyError, ApiKeyStatus, CreateApiKey, KeyMaker, LONGEST_OVERLAP, MalformedNetwork,
    PREFIX, RotateApiKey, UpdateApiKey, create_api_key, find_api_key, list_api_keys, revoke_api_key, rotate_api_key,
    update_api_key,
};
pub use authenticate::{AuthenticateError, Authenticator};
pub use authority::{Authority, Tokens};
pub use change_email::{ChangeEmail, ChangeEmailError, change_email};
pub use change_password::{ChangePasswordError, change_password};
pub use choose_password::ChoosePasswordError;
pub use confirm_log_in::{ConfirmLogIn, ConfirmLogInError, confirm_log_in};
pub use consent::{Consent, Document, NotCurrent, Occasion, accept, accept_current, list_consents, record_consents};
pub use email_token::queue_verification;
pub use end_in_firm::{end_all_sessions, end_sessions_of};
pub use enrol_totp::{NewTotp, TotpError, begin_totp, confirm_totp, remove_totp, replace_recovery_codes};
pub use firms::list_firms;
pub use forgot_password::{ForgotPasswordError, forgot_password};
pub use hasher::{HashError, Hasher};
pub use jobs::ForgetEnded;
pub use key_set::SignedStatement;
pub use keyring::{Keyring, KeyringError, rotate_signing_key, sign_statement};
pub use log_in::{LogIn, LogInAnswer, LogInError, SignedIn, log_in};
pub use log_out::{end_session, log_out};
pub use password::{Password, WeakPassword};
pub use person::{CreatePersonError, NewPerson, Person, create_person, find_person, find_person_by_email};
pub use principal::{Identity, Principal, RequestMeta, SignedInPerson, Who};
pub use proof::ProofError;
pub use refresh::{RefreshError, refresh};
pub use resend_verification::{ResendError, resend_verification};
pub use reset_password::{ResetPasswordError, reset_password};
pub use second_factor::Factor;
pub use session::{NewSession, StartedSession, start_session};
pub use sessions_of_person::{OpenSession, end_other_session, end_other_sessions, list_sessions};
pub use step_up::{StepUp, step_up};
pub use switch_tenant::{SwitchTenant, SwitchTenantError, switch_tenant};
pub use update_profile::{UpdateProfile, UpdateProfileError, update_profile};
pub use verify_email::{VerifyEmailError, mark_verified, verify_email};
