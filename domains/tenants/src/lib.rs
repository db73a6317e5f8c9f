//! Firms, their members and invitations.
//!
//! ```text
//! firm:       active <-> read_only, suspended -> closed
//! invitation: open --accepted--> accepted
//!              | \--revoked---> revoked
//!              \--7 days------> expired (may be sent anew)
//! ```
//!
//! - INV-T1: a firm has at least one owner from its first transaction on: [`change_role`] and [`remove_member`] lock the owners.
//! - INV-T2: nobody hands out, changes or takes away a role that they may not grant.
//! - INV-T3: an invitation makes one member, and only while it is open; of its token only the digest is stored.
//! - INV-T4: a membership in the firm and the person's pointer to the firm come and go in one transaction.

mod change_role;
mod copy_person;
mod create;
mod credit_code;
mod email;
mod events;
mod invitation;
mod invitation_read;
mod invite;
mod join;
mod member;
mod read;
mod remove_member;
mod slug;
mod tenant;
mod update;

pub use change_role::{ChangeRole, ChangeRoleError, change_role};
pub use copy_person::{PersonCopy, copy_person};
pub use create::{NewTenant, create};
pub use credit_code::{MalformedCreditCode, UnifiedSocialCreditCode};
pub use email::{EmailAddress, MalformedEmail};
pub use invitation::{Invitation, InvitationStatus};
pub use invitation_read::{find_open_invitation, list_invitations};
pub use invite::{Invite, InviteError, NewToken, invite, renew_invitation, revoke_invitation};
pub use join::{JoinError, NewMember, accept_invitation, join};
pub use member::{Member, Recipient};
pub use read::{find, find_member, list_members, membership, memberships, recipients, select_tenants};
pub use remove_member::{RemoveMember, RemoveMemberError, remove_member};
pub use slug::Slug;
pub use tenant::{Locale, Tenant, TenantStatus};
pub use update::{UpdateTenant, UpdateTenantError, update};
