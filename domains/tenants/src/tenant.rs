use chrono::{DateTime, Utc};
use db::schema::tenants;
use diesel::prelude::*;
use kernel::{Currency, ids::TenantId, text_enum};
use serde_json::Value;

text_enum! {
    /// What a firm may do at present.
    pub enum TenantStatus {
        /// Everything its plan and roles allow.
        Active = "active",
        /// Look, but change nothing.
        ReadOnly = "read_only",
        /// Nothing.
        Suspended = "suspended",
        /// Nothing, for good.
        Closed = "closed",
    }
}

impl TenantStatus {
    /// Whether members may see what the firm has.
    pub const fn may_read(self) -> bool {
        matches!(self, Self::Active | Self::ReadOnly)
    }

    /// Whether members may change something.
    pub const fn may_write(self) -> bool {
        matches!(self, Self::Active)
    }
}

text_enum! {
    /// How far the verification of a firm's business has come.
    pub enum VerificationState {
        /// It was never asked for.
        None = "none",
        /// It was asked for and not decided yet.
        Pending = "pending",
        /// The platform has seen the licence.
        Verified = "verified",
        /// The platform was not convinced; it may be asked again.
        Rejected = "rejected",
    }
}

text_enum! {
    /// A language of the platform.
    pub enum Locale {
        /// Simplified Chinese.
        ZhCn = "zh-CN",
        /// English.
        En = "en",
    }
}

/// A firm.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tenants)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses, unique on the platform.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// What it may do at present.
    pub status: TenantStatus,
    /// The language of its mails and pages.
    pub locale: Locale,
    /// IANA name, for example `Asia/Shanghai`: its days and months begin there.
    pub time_zone: String,
    /// The currency offered first.
    pub currency: Currency,
    /// Where it is.
    pub address: Option<Value>,
    /// Its registration number (GB 32100-2015).
    pub unified_social_credit_code: Option<String>,
    /// What its invoices must say of it.
    pub invoice_profile: Option<Value>,
    /// Whether the platform's people may look into the firm to help.
    pub support_access: bool,
    /// The integrator's own keys and values.
    pub metadata: Value,
    /// When it signed up.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts up with every change.
    pub version: i64,
    /// Whether the platform has verified its business.
    pub verification: VerificationState,
}
