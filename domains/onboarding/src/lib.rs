//! How people and firms come and go: sign-up, another firm of the same person, invitations, leaving; verification of a firm's
//! business, and its closing.
//!
//! - INV-ON1: person, firm, owner, plan, verification mail, audit and event of a sign-up commit together or not at all.
//! - INV-ON2: an invitation is proof of the address it was mailed to and of nothing else: a person who has an account joins with it
//!   and signs in as ever; an account whose address nobody has verified does not join, since somebody else may have made it.
//! - INV-ON3: a firm closes when no order and no money hangs on it, and then in one transaction: status, market, sessions,
//!   invitations, mails, audit and event.
//! - INV-ON4: a firm that may not sell at present is not shown in the market: [`jobs::SweepMarket`].

mod accept_invitation;
mod change_role;
mod close_firm;
mod found;
mod invite;
pub mod jobs;
mod open_firm;
mod remove_member;
mod request_verification;
mod seller;
mod sign_up;
mod transfer_ownership;

pub use accept_invitation::{AcceptInvitation, AcceptInvitationError, Accepted, accept_invitation};
pub use change_role::change_role;
pub use close_firm::{CloseFirmError, close_firm};
pub use invite::{SendInvitationError, invite, resend_invitation};
pub use open_firm::open_firm;
pub use remove_member::remove_member;
pub use request_verification::{RequestVerification, RequestVerificationError, request_verification};
pub use seller::seller_of;
pub use sign_up::{SignUp, SignUpError, SignedUp, sign_up};
pub use transfer_ownership::transfer_ownership;
