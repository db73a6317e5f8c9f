use crate::{Locale, Slug, Tenant, events::TenantCreated, find};
use audit::Audited;
use db::{
    DbError, TenantTx,
    schema::{heads, tenants},
};
use diesel::prelude::*;
use jobs::Emit;
use kernel::{Currency, secrets::SecretError};
use serde_json::json;

/// Tries to find a slug that nobody has: the second already carries thirty random bits.
const SLUG_ATTEMPTS: usize = 5;

/// A firm that signs up.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name, 1 to 200 characters.
    pub name: String,
    /// Its language.
    pub locale: Locale,
    /// Its time zone.
    pub time_zone: chrono_tz::Tz,
}

/// Makes the transaction's firm: its row and the heads of its event and audit logs. Its first owner comes with
/// [`crate::join`] in the same transaction (INV-T1).
pub fn create(tx: &mut TenantTx<'_>, new: &NewTenant) -> Result<Tenant, DbError> {
    insert(tx, new)?;
    diesel::insert_into(heads::table).values(heads::tenant_id.eq(tx.tenant())).execute(tx.conn())?;
    let tenant = find(tx)?;
    tx.audit("tenant.created", tenant.id, json!({ "slug": tenant.slug }))?;
    tx.emit(&TenantCreated { id: tenant.id, slug: tenant.slug.clone() })?;
    Ok(tenant)
}

fn insert(tx: &mut TenantTx<'_>, new: &NewTenant) -> Result<(), DbError> {
    let random = |error: SecretError| DbError::Corrupt(error.to_string());
    let first = Slug::of_name(&new.name).map_err(random)?;
    let mut slug = first.clone();
    for _ in 0..SLUG_ATTEMPTS {
        let row = (
            tenants::id.eq(tx.tenant()),
            tenants::slug.eq(slug.as_str()),
            tenants::name.eq(&new.name),
            tenants::locale.eq(new.locale),
            tenants::time_zone.eq(new.time_zone.name()),
            tenants::currency.eq(Currency::Cny),
            tenants::created_at.eq(tx.now()),
            tenants::updated_at.eq(tx.now()),
        );
        let insert = diesel::insert_into(tenants::table).values(row).on_conflict(tenants::slug).do_nothing();
        if insert.execute(tx.conn())? == 1 {
            return Ok(());
        }
        slug = first.with_suffix().map_err(random)?;
    }
    Err(DbError::Corrupt("no free slug found".into()))
}
