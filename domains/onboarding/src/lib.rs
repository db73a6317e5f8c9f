//! How people come into firms: sign-up, another firm of the same person, invitations.
//!
//! - INV-ON1: person, firm, owner, plan, verification mail, audit and event of a sign-up commit together or not at all.
//! - INV-ON2: an invitation is proof of the address it was mailed to and of nothing else: a person who has an account joins with it
//!   and signs in as ever; an account whose address nobody has verified does not join, since somebody else may have made it.

mod accept_invitation;
mod found;
mod invite;
mod open_firm;
mod sign_up;

pub use accept_invitation::{AcceptInvitation, AcceptInvitationError, Accepted, accept_invitation};
pub use invite::{SendInvitationError, invite, resend_invitation};
pub use open_firm::open_firm;
pub use sign_up::{SignUp, SignUpError, SignedUp, sign_up};
