//! Version 1 of the events of firms and members. Ids, roles and states only.

use crate::TenantStatus;
use jobs::Event;
use kernel::{
    ids::{InvitationId, MemberId, TenantId, UserId},
    permission::Role,
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
    pub(crate) role: Role,
}

impl Event for MemberInvited {
    const TYPE: &'static str = "member.invited";
}

/// Somebody became a member.
#[derive(Debug, Serialize)]
pub(crate) struct MemberJoined {
    pub(crate) id: MemberId,
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
}

impl Event for MemberJoined {
    const TYPE: &'static str = "member.joined";
}

/// A member's role changed, or the name or address of the person.
#[derive(Debug, Serialize)]
pub(crate) struct MemberRoleChanged {
    pub(crate) id: MemberId,
    pub(crate) role: Role,
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
