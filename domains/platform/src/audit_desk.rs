//! Audit logs, read and checked by administrators.

use crate::chain::{acting_in, record};
use audit::{BrokenChain, Chain, Head, Row, Wanted, platform_chain};
use db::{Db, DbError, PlatformTx, schema::tenants as firms};
use diesel::prelude::*;
use kernel::{
    Actor,
    ids::TenantId,
    pages::{Page, PageRequest},
};
use serde_json::json;

/// Rows read in one transaction of a check.
const BATCH: i64 = 2_000;

/// Rows of a firm's log, or of the platform's own, newest first.
pub fn list_audit_log(
    tx: &mut PlatformTx<'_>,
    tenant: Option<TenantId>,
    wanted: &Wanted,
    page: &PageRequest<i64>,
) -> Result<Page<Row, i64>, DbError> {
    let chain = tenant.map_or_else(|| "platform".to_owned(), |tenant| tenant.to_string());
    record(tx, "admin.audit_log_read", chain, json!({}))?;
    audit::list_of(tx, tenant.unwrap_or_else(platform_chain), wanted, page)
}

/// Why a chain was not found whole.
#[derive(Debug, thiserror::Error)]
pub enum VerifyAuditError {
    /// It is not.
    #[error(transparent)]
    Broken(#[from] BrokenChain),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Every chain there is: the platform's own, then the firms'.
pub async fn audit_chains(db: &Db) -> Result<Vec<TenantId>, DbError> {
    let firms: Vec<TenantId> = db
        .platform("platform.audit_chains", actor(), |tx| {
            Ok::<_, DbError>(firms::table.order(firms::id).select(firms::id).load(tx.conn())?)
        })
        .await?;
    Ok(std::iter::once(platform_chain()).chain(firms).collect())
}

/// Recomputes a chain from its first row to the head that the database has for it; says how many rows there are. Rows that are
/// added meanwhile are checked too.
pub async fn verify_audit_chain(db: &Db, tenant: TenantId) -> Result<(u64, Head), VerifyAuditError> {
    let scope = acting_in(tenant, actor());
    let head = db.tenant("platform.audit_head", scope.clone(), audit::head).await?;
    let (mut chain, mut after) = (Chain::whole(Some(head)), 0);
    loop {
        let rows = db.tenant("platform.audit_rows", scope.clone(), move |tx| {
            audit::rows_after(tx, after, i64::MAX, BATCH)
        });
        let rows = rows.await?;
        for row in &rows {
            chain.follow(tenant, row)?;
            after = row.seq;
        }
        if rows.is_empty() {
            return Ok(chain.end()?);
        }
    }
}

fn actor() -> Actor {
    Actor::system("audit verification")
}
