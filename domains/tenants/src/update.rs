use crate::{CreditCode, Locale, Slug, Tenant, VerificationState, events::TenantUpdated, find, read::lock_firm};
use audit::Audited;
use db::{DbError, TenantTx, schema::tenants};
use diesel::prelude::*;
use jobs::Emit;
use kernel::Currency;
use serde_json::{Value, json};

/// Changes of a firm's profile; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateTenant {
    /// Refuse if the profile has another version by now.
    pub if_version: Option<i64>,
    /// New name.
    pub name: Option<String>,
    /// New slug.
    pub slug: Option<Slug>,
    /// New language.
    pub locale: Option<Locale>,
    /// New time zone.
    pub time_zone: Option<chrono_tz::Tz>,
    /// The currency offered first.
    pub currency: Option<Currency>,
    /// New address; `Some(None)` removes it.
    pub address: Option<Option<Value>>,
    /// New registration number; `Some(None)` removes it.
    pub unified_social_credit_code: Option<Option<CreditCode>>,
    /// What invoices must say; `Some(None)` removes it.
    pub invoice_profile: Option<Option<Value>>,
    /// Whether the platform's people may look in.
    pub support_access: Option<bool>,
    /// New metadata.
    pub metadata: Option<Value>,
}

impl UpdateTenant {
    /// Whether a firm is as wanted already.
    fn is_done(&self, tenant: &Tenant) -> bool {
        let code = self.unified_social_credit_code.as_ref().map(|code| code.as_ref().map(CreditCode::as_str));
        is_so(self.name.as_deref(), &tenant.name.as_str())
            && is_so(self.slug.as_ref().map(Slug::as_str), &tenant.slug.as_str())
            && is_so(self.locale, &tenant.locale)
            && is_so(self.time_zone.map(chrono_tz::Tz::name), &tenant.time_zone.as_str())
            && is_so(self.currency, &tenant.currency)
            && is_so(self.address.as_ref(), &&tenant.address)
            && is_so(code, &tenant.unified_social_credit_code.as_deref())
            && is_so(self.invoice_profile.as_ref(), &&tenant.invoice_profile)
            && is_so(self.support_access, &tenant.support_access)
            && is_so(self.metadata.as_ref(), &&tenant.metadata)
    }
}

impl UpdateTenant {
    /// Whether a number that was verified stays what it is.
    fn keeps_verified_code(&self, tenant: &Tenant) -> bool {
        let code = self.unified_social_credit_code.as_ref().map(|code| code.as_ref().map(CreditCode::as_str));
        tenant.verification != VerificationState::Verified || is_so(code, &tenant.unified_social_credit_code.as_deref())
    }
}

/// Whether something is to stay, or is as wanted already.
fn is_so<T: PartialEq>(wanted: Option<T>, present: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == *present)
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateTenantError {
    /// Another firm has this slug.
    #[error("the slug is taken")]
    SlugTaken,
    /// The registration number was verified: another one takes another verification.
    #[error("the registration number is verified")]
    CodeVerified,
    /// The profile was changed since it was read.
    #[error("the profile has another version")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

#[derive(AsChangeset)]
#[diesel(table_name = tenants)]
#[expect(clippy::option_option, reason = "diesel's way to tell NULL from no change")]
struct Changes<'a> {
    name: Option<&'a str>,
    slug: Option<&'a str>,
    locale: Option<Locale>,
    time_zone: Option<&'static str>,
    currency: Option<Currency>,
    address: Option<Option<Value>>,
    unified_social_credit_code: Option<Option<String>>,
    invoice_profile: Option<Option<Value>>,
    support_access: Option<bool>,
    metadata: Option<&'a Value>,
}

/// Changes the transaction's firm. What is so already stays as it is: the same request again, whose first answer was lost, has
/// no second effect.
pub fn update(tx: &mut TenantTx<'_>, command: &UpdateTenant) -> Result<Tenant, UpdateTenantError> {
    lock_firm(tx)?;
    let present = find(tx)?;
    if command.is_done(&present) {
        return Ok(present);
    }
    if command.if_version.is_some_and(|expected| expected != present.version) {
        return Err(UpdateTenantError::Stale);
    }
    if !command.keeps_verified_code(&present) {
        return Err(UpdateTenantError::CodeVerified);
    }
    apply(tx, command).map_err(|error| match error {
        error if error.is_unique_violation("tenants_slug") => UpdateTenantError::SlugTaken,
        error => error.into(),
    })?;
    let tenant = find(tx)?;
    tx.audit("tenant.updated", tenant.id, json!({ "version": tenant.version }))?;
    tx.emit(&TenantUpdated { id: tenant.id, status: tenant.status, version: tenant.version })?;
    Ok(tenant)
}

fn apply(tx: &mut TenantTx<'_>, command: &UpdateTenant) -> Result<(), DbError> {
    let code = command.unified_social_credit_code.as_ref().map(Option::as_ref);
    let changes = Changes {
        name: command.name.as_deref(),
        slug: command.slug.as_ref().map(Slug::as_str),
        locale: command.locale,
        time_zone: command.time_zone.map(chrono_tz::Tz::name),
        currency: command.currency,
        address: command.address.clone(),
        unified_social_credit_code: code.map(|code| code.map(|code| code.as_str().to_owned())),
        invoice_profile: command.invoice_profile.clone(),
        support_access: command.support_access,
        metadata: command.metadata.as_ref(),
    };
    diesel::update(tenants::table.filter(tenants::id.eq(tx.tenant())))
        .set((changes, tenants::updated_at.eq(tx.now()), tenants::version.eq(tenants::version + 1)))
        .execute(tx.conn())?;
    Ok(())
}
