use crate::{Locale, MemberRole};
use chrono::{DateTime, Duration, Utc};
use db::schema::invitations;
use diesel::prelude::*;
use kernel::{
    ids::{InvitationId, UserId},
    text_enum,
};

/// How long an invitation may be accepted.
pub(crate) const LIFETIME: Duration = Duration::days(7);

text_enum! {
    /// What has become of an invitation.
    pub enum InvitationStatus {
        /// It may be accepted.
        Open = "open",
        /// It made a member.
        Accepted = "accepted",
        /// It was taken back.
        Revoked = "revoked",
        /// Nobody accepted it in time.
        Expired = "expired",
    }
}

/// An invitation to become a member.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom it was sent to.
    pub email: String,
    /// The role the new member will have.
    pub role: MemberRole,
    /// The language of its mail.
    pub locale: Locale,
    /// Who invited.
    pub invited_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it may be accepted.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Invitation {
    /// What has become of it by `now`.
    pub fn status(&self, now: DateTime<Utc>) -> InvitationStatus {
        if self.accepted_at.is_some() {
            InvitationStatus::Accepted
        } else if self.revoked_at.is_some() {
            InvitationStatus::Revoked
        } else if self.expires_at <= now {
            InvitationStatus::Expired
        } else {
            InvitationStatus::Open
        }
    }
}
