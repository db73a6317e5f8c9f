use crate::chain::record;
use db::{
    DbError, JobsTx, PlatformTx,
    schema::{members, tenants as rows},
};
use diesel::{dsl::count_star, prelude::*};
use jobs::inspect::{self, Depth};
use serde_json::json;
use tenants::TenantStatus;

/// The platform at a glance.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How many firms have each status; a status without firms is missing.
    pub tenants: Vec<(TenantStatus, i64)>,
    /// How many memberships there are.
    pub members: i64,
    /// How full the queue is.
    pub queues: Vec<Depth>,
}

/// Counts firms, members and jobs.
pub fn overview(tx: &mut JobsTx<'_>) -> Result<Overview, DbError> {
    let (tenants, members) = tx.in_platform(|tx| {
        record(tx, "admin.overview_read", "overview", json!({}))?;
        Ok::<_, DbError>((count_tenants(tx)?, count_members(tx)?))
    })?;
    Ok(Overview { tenants, members, queues: inspect::depths(tx)? })
}

fn count_tenants(tx: &mut PlatformTx<'_>) -> Result<Vec<(TenantStatus, i64)>, DbError> {
    Ok(rows::table.group_by(rows::status).order(rows::status).select((rows::status, count_star())).load(tx.conn())?)
}

fn count_members(tx: &mut PlatformTx<'_>) -> Result<i64, DbError> {
    Ok(members::table.count().get_result(tx.conn())?)
}
