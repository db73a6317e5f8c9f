use crate::answer::Versioned;
use chrono::{DateTime, Utc};
use kernel::{
    Currency,
    ids::{InvitationId, MemberId, TenantId, UserId},
};
use serde::Serialize;
use serde_json::Value;
use tenants::{
    CreditCode, CreditCodeWarning, Invitation, InvitationStatus, Locale, Member, MemberRole, Tenant, TenantStatus,
    VerificationState,
};
use utoipa::ToSchema;

/// A firm in short.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantSummary {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it may do at present.
    pub status: TenantStatus,
}

impl From<&Tenant> for TenantSummary {
    fn from(tenant: &Tenant) -> Self {
        Self { id: tenant.id, slug: tenant.slug.clone(), name: tenant.name.clone(), status: tenant.status }
    }
}

/// A firm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantView {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it may do at present.
    pub status: TenantStatus,
    /// The language of its mails and pages.
    pub locale: Locale,
    /// Where its days begin.
    pub time_zone: String,
    /// The currency offered first.
    pub currency: Currency,
    /// Where it is.
    #[schema(value_type = Option<Object>)]
    pub address: Option<Value>,
    /// Its registration number.
    pub unified_social_credit_code: Option<String>,
    /// What is odd about the registration number.
    pub warnings: Vec<CreditCodeWarning>,
    /// Whether the platform has verified its business.
    pub verification: VerificationState,
    /// What its invoices must say of it.
    #[schema(value_type = Option<Object>)]
    pub invoice_profile: Option<Value>,
    /// Whether the platform's people may look in to help.
    pub support_access: bool,
    /// The integrator's own keys and values.
    #[schema(value_type = Object)]
    pub metadata: Value,
    /// When it signed up.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<Tenant> for TenantView {
    fn from(tenant: Tenant) -> Self {
        Self {
            warnings: warnings(tenant.unified_social_credit_code.as_deref()),
            verification: tenant.verification,
            id: tenant.id,
            slug: tenant.slug,
            name: tenant.name,
            status: tenant.status,
            locale: tenant.locale,
            time_zone: tenant.time_zone,
            currency: tenant.currency,
            address: tenant.address,
            unified_social_credit_code: tenant.unified_social_credit_code,
            invoice_profile: tenant.invoice_profile,
            support_access: tenant.support_access,
            metadata: tenant.metadata,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
            version: tenant.version,
        }
    }
}

fn warnings(code: Option<&str>) -> Vec<CreditCodeWarning> {
    code.and_then(|text| text.parse::<CreditCode>().ok()).map(|code| code.warnings()).unwrap_or_default()
}

impl Versioned for TenantView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberView {
    /// Id of the membership.
    pub id: MemberId,
    /// The person.
    pub user_id: UserId,
    /// Their address.
    pub email: String,
    /// What they are called.
    pub display_name: String,
    /// What they may do.
    pub role: MemberRole,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    #[serde(skip)]
    version: i64,
}

impl From<Member> for MemberView {
    fn from(member: Member) -> Self {
        Self {
            id: member.id,
            user_id: member.user_id,
            email: member.email,
            display_name: member.display_name,
            role: member.role,
            created_at: member.created_at,
            version: member.version,
        }
    }
}

impl Versioned for MemberView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// An invitation. Its token stands in the mail alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationView {
    /// Its id.
    pub id: InvitationId,
    /// Whom it was sent to.
    pub email: String,
    /// The role the new member will have.
    pub role: MemberRole,
    /// What has become of it.
    pub status: InvitationStatus,
    /// Who invited.
    pub invited_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// Until when it may be accepted.
    pub expires_at: DateTime<Utc>,
}

impl InvitationView {
    /// An invitation as of `now`.
    pub(crate) fn at(invitation: Invitation, now: DateTime<Utc>) -> Self {
        Self {
            status: invitation.status(now),
            id: invitation.id,
            email: invitation.email,
            role: invitation.role,
            invited_by: invitation.invited_by,
            created_at: invitation.created_at,
            expires_at: invitation.expires_at,
        }
    }
}
