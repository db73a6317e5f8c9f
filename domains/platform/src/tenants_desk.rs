//! Firms, seen by administrators.

use crate::chain::record;
use db::{DbError, PlatformTx, schema::tenants as rows};
use diesel::{PgTextExpressionMethods, prelude::*};
use kernel::{
    ids::TenantId,
    pages::{Page, PageRequest},
};
use serde_json::json;
use tenants::{Tenant, TenantStatus};

/// Which firms are wanted.
#[derive(Debug, Clone, Default)]
pub struct TenantFilter {
    /// Part of the name or slug.
    pub q: Option<String>,
    /// Of this status only.
    pub status: Option<TenantStatus>,
}

/// Firms, newest first.
pub fn list_tenants(
    tx: &mut PlatformTx<'_>,
    filter: &TenantFilter,
    page: &PageRequest<TenantId>,
) -> Result<Page<Tenant, TenantId>, DbError> {
    record(tx, "admin.tenants_listed", "tenants", json!({ "status": filter.status }))?;
    let mut query = rows::table.order(rows::id.desc()).limit(page.fetch()).select(Tenant::as_select()).into_boxed();
    if let Some(q) = &filter.q {
        let pattern = format!("%{}%", escape_like(q));
        query = query.filter(rows::name.ilike(pattern.clone()).or(rows::slug.ilike(pattern)));
    }
    if let Some(status) = filter.status {
        query = query.filter(rows::status.eq(status));
    }
    if let Some(after) = page.after {
        query = query.filter(rows::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |tenant| tenant.id))
}

/// One firm.
pub fn find_tenant(tx: &mut PlatformTx<'_>, id: TenantId) -> Result<Option<Tenant>, DbError> {
    record(tx, "admin.tenant_read", id, json!({}))?;
    Ok(rows::table.filter(rows::id.eq(id)).select(Tenant::as_select()).first(tx.conn()).optional()?)
}

/// Takes their meaning from the wildcards of LIKE.
fn escape_like(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_mean_themselves() {
        assert_eq!(escape_like(r"50%_\"), r"50\%\_\\");
    }
}
