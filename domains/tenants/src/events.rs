//! Version 1 of the events of firms and members. Ids, roles and states only.

use crate::{MemberRole, TenantStatus};
use jobs::Event;
use kernel::{
    ids::{InvitationId, MemberId, RoleId, TenantId, UserId, VerificationId},
    permission::Permissions,
};
use serde::Serialize;

/// A firm signed up.
#[derive(Debug, Serialize)]
pub(crate) struct TenantCreated {
    pub(crate) id: TenantId,
    pub(crate) slug: String,
}

impl Event for TenantCreated {
    const TYPE: &'static str = "tenant.created";
}

/// A firm's profile changed.
#[derive(Debug, Serialize)]
pub(crate) struct TenantUpdated {
    pub(crate) id: TenantId,
    pub(crate) status: TenantStatus,
    pub(crate) version: i64,
}

impl Event for TenantUpdated {
    const TYPE: &'static str = "tenant.updated";
}

/// Somebody was invited, or invited anew.
#[derive(Debug, Serialize)]
pub(crate) struct MemberInvited {
    pub(crate) id: InvitationId,
    pub(crate) role: MemberRole,
}

impl Event for MemberInvited {
    const TYPE: &'static str = "member.invited";
}

/// Somebody became a member.
#[derive(Debug, Serialize)]
pub(crate) struct MemberJoined {
    pub(crate) id: MemberId,
    pub(crate) user_id: UserId,
    pub(crate) role: MemberRole,
}

impl Event for MemberJoined {
    const TYPE: &'static str = "member.joined";
}

/// A member's role changed.
#[derive(Debug, Serialize)]
pub(crate) struct MemberRoleChanged {
    pub(crate) id: MemberId,
    pub(crate) role: MemberRole,
}

impl Event for MemberRoleChanged {
    const TYPE: &'static str = "member.updated";
}

/// Somebody is no longer a member.
#[derive(Debug, Serialize)]
pub(crate) struct MemberRemoved {
    pub(crate) id: MemberId,
    pub(crate) user_id: UserId,
}

impl Event for MemberRemoved {
    const TYPE: &'static str = "member.removed";
}

/// A firm made a role of its own.
#[derive(Debug, Serialize)]
pub(crate) struct RoleCreated {
    pub(crate) id: RoleId,
    pub(crate) permissions: Permissions,
}

impl Event for RoleCreated {
    const TYPE: &'static str = "role.created";
}

/// A firm changed a role of its own.
#[derive(Debug, Serialize)]
pub(crate) struct RoleUpdated {
    pub(crate) id: RoleId,
    pub(crate) permissions: Permissions,
    pub(crate) version: i64,
}

impl Event for RoleUpdated {
    const TYPE: &'static str = "role.updated";
}

/// A firm removed a role of its own.
#[derive(Debug, Serialize)]
pub(crate) struct RoleDeleted {
    pub(crate) id: RoleId,
}

impl Event for RoleDeleted {
    const TYPE: &'static str = "role.deleted";
}

/// A firm asked to have its business verified.
#[derive(Debug, Serialize)]
pub(crate) struct VerificationRequested {
    pub(crate) id: VerificationId,
}

impl Event for VerificationRequested {
    const TYPE: &'static str = "tenant.verification_requested";
}

/// The platform verified a business.
#[derive(Debug, Serialize)]
pub(crate) struct TenantVerified {
    pub(crate) id: TenantId,
    pub(crate) verification_id: VerificationId,
}

impl Event for TenantVerified {
    const TYPE: &'static str = "tenant.verified";
}

/// The platform did not verify a business.
#[derive(Debug, Serialize)]
pub(crate) struct VerificationRejected {
    pub(crate) id: TenantId,
    pub(crate) verification_id: VerificationId,
}

impl Event for VerificationRejected {
    const TYPE: &'static str = "tenant.verification_rejected";
}

/// A firm closed.
#[derive(Debug, Serialize)]
pub(crate) struct TenantClosed {
    pub(crate) id: TenantId,
}

impl Event for TenantClosed {
    const TYPE: &'static str = "tenant.closed";
}
