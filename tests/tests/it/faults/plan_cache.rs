//! T11: a prepared statement serves one tenant after the other, whatever plan PostgreSQL keeps for it.

use db::{DbError, TenantScope, TenantTx, schema::products};
use diesel::{connection::SimpleConnection, prelude::*};
use kernel::{
    Actor,
    ids::{Id, TenantId},
};
use tests::{Firm, TestApp, product};

const TURNS: usize = 10_000;

/// Whose products there are, by row-level security alone: the statement names no tenant in particular.
fn owners(tx: &mut TenantTx<'_>, plan: &str) -> Result<Vec<TenantId>, DbError> {
    tx.conn().batch_execute(&format!("SET LOCAL plan_cache_mode = {plan}")).map_err(DbError::from)?;
    Ok(products::table.filter(products::tenant_id.is_not_null()).select(products::tenant_id).load(tx.conn())?)
}

async fn stocked(firm: &Firm, count: usize) -> (TenantId, usize) {
    for number in 0..count {
        firm.owner.post("/v1/products", product("茶", &format!("SKU-{number}"), 12_800, None)).ok().await;
    }
    (firm.id.parse().unwrap(), count)
}

#[tokio::test(flavor = "multi_thread")]
async fn t11_prepared_statements_show_each_tenant_its_own_rows() {
    let app = TestApp::start_with(&[("DATABASE_POOL_SIZE", "1")]).await;
    let (tea, parts) = app.two_firms().await;
    let firms = [stocked(&tea, 2).await, stocked(&parts, 3).await];
    for plan in ["force_custom_plan", "force_generic_plan"] {
        for turn in 0..TURNS {
            let (tenant, count) = firms[turn % 2];
            let scope = TenantScope::grant(tenant, Actor::system("test"));
            let found = app.state.db.tenant("test.plans", scope, move |tx| owners(tx, plan)).await.unwrap();
            assert_eq!(found, vec![tenant; count], "{plan}, turn {turn} of {}", tenant.uuid());
        }
    }
    app.run_jobs().await;
}
