//! The months that have ended: their invoices, each made out when its month was over.

use crate::{Run, firm::OpenFirm};
use chrono::Duration;
use db::{DbError, TenantTx};

/// How long after a month its invoice is made out.
const LATER: Duration = Duration::minutes(5);

/// Closes every month of a firm that has ended.
pub(crate) async fn make_out(run: Run<'_>, firm: &OpenFirm<'_>) -> anyhow::Result<()> {
    let now = run.deps.db.clock().now();
    loop {
        let end = |tx: &mut TenantTx<'_>| Ok::<_, DbError>(billing::current(tx)?.0.period_end);
        let end = run.deps.db.tenant("seeds.period_end", firm.scope(), end).await?;
        if end + LATER > now {
            return Ok(());
        }
        let then = run.db_at(Some(end + LATER));
        if let Some(invoice) = then.tenant("seeds.close_period", firm.scope(), billing::close_period).await? {
            run.say(&format!("{}: invoice {}", firm.data.name, invoice.number));
        }
    }
}
