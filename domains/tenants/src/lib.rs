//! Firms, their members, roles and invitations, and the verification of their business.
//!
//! ```text
//! firm:         active <-> read_only, suspended -> closed
//! invitation:   open --accepted--> accepted
//!                | \--revoked---> revoked
//!                \--7 days------> expired (may be sent anew)
//! verification: pending --approved--> verified
//!                  \------rejected--> rejected (may be asked for anew)
//! ```
//!
//! - INV-T1: a firm has at least one owner from its first transaction on: [`change_role`], [`remove_member`] and
//!   [`transfer_ownership`] lock the owners.
//! - INV-T2: nobody hands out, changes or takes away a role that allows more than they may do themselves; only an owner makes or
//!   removes an owner ([`Grantor`]).
//! - INV-T3: an invitation makes one member, and only while it is open; of its token only the digest is stored.
//! - INV-T4: a membership in the firm and the person's pointer to the firm come and go in one transaction.
//! - INV-T5: of a firm's verification requests at most one is pending, and each is decided once. What was verified stays so until
//!   another number is.
//! - INV-T6: a closed firm stays closed, lets nobody in and keeps its slug. Trade holds a firm open ([`hold_open`]) while it begins.

mod change_role;
mod close;
mod copy_person;
mod create;
mod create_role;
mod credit_code;
mod decide_verification;
mod delete_role;
mod email;
mod events;
mod invitation;
mod invitation_read;
mod invite;
mod join;
mod member;
mod own_role;
mod read;
mod remove_member;
mod request_verification;
mod role;
mod slug;
mod tenant;
mod transfer_ownership;
mod update;
mod update_role;
mod verification;

pub use change_role::{ChangeRole, ChangeRoleError, ChangedRole, change_role};
pub use close::{CloseError, close, lock_for_closing};
pub use copy_person::{PersonCopy, copy_person};
pub use create::{NewTenant, create};
pub use create_role::{CreateRole, create_role};
pub use credit_code::{CreditCode, CreditCodeWarning, MalformedCreditCode};
pub use decide_verification::{DecideVerification, DecideVerificationError, Decision, decide_verification};
pub use delete_role::delete_role;
pub use email::{EmailAddress, MalformedEmail};
pub use invitation::{Invitation, InvitationStatus};
pub use invitation_read::{find_open_invitation, list_invitations};
pub use invite::{Invite, InviteError, NewToken, invite, renew_invitation, revoke_invitation};
pub use join::{JoinError, NewMember, accept_invitation, join};
pub use member::{Member, Recipient};
pub use own_role::{MAX_OWN_ROLES, OwnRole, OwnRoleError, RoleUse, find_own_role, list_own_roles};
pub use read::{
    Membership, everybody, find, find_member, hold_open, list_members, membership, memberships, recipients,
    recipients_allowed, select_tenants,
};
pub use remove_member::{RemoveMember, RemoveMemberError, remove_member};
pub use request_verification::{RequestVerification, RequestVerificationError, request_verification};
pub use role::{Grantor, MemberRole};
pub use slug::Slug;
pub use tenant::{Locale, Tenant, TenantStatus, VerificationState};
pub use transfer_ownership::{TransferOwnership, TransferOwnershipError, transfer_ownership};
pub use update::{UpdateTenant, UpdateTenantError, update};
pub use update_role::{UpdateRole, update_role};
pub use verification::{Verification, VerificationStatus, latest_verification};
