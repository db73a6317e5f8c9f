//! The proof that a book is right.

use db::{DbError, TenantTx};
use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{Int8, Text, Uuid as SqlUuid},
};
use kernel::ids::Id;

/// What a look over the whole book found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrialBalance {
    /// Currencies whose debits and credits differ.
    pub unbalanced: Vec<String>,
    /// Accounts whose balance is not the sum of their postings.
    pub wrong_balances: Vec<String>,
    /// Accounts that are below zero and must not be.
    pub below_zero: Vec<String>,
    /// How many postings were counted.
    pub postings: i64,
}

impl TrialBalance {
    /// Whether nothing is wrong.
    pub fn is_right(&self) -> bool {
        self.unbalanced.is_empty() && self.wrong_balances.is_empty() && self.below_zero.is_empty()
    }
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    fault: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Int8)]
    postings: i64,
}

/// Sums are `numeric` inside PostgreSQL, so they cannot overflow here.
const LOOK: &str = "
    SELECT 'unbalanced' AS fault, currency AS name, count(*) AS postings FROM ledger_postings WHERE tenant_id = $1
    GROUP BY currency HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0
    UNION ALL
    SELECT 'wrong_balance', a.key || ' ' || a.currency, count(p.amount) FROM ledger_accounts a
    JOIN ledger_balances b ON b.tenant_id = a.tenant_id AND b.account_id = a.id
    LEFT JOIN ledger_postings p ON p.tenant_id = a.tenant_id AND p.account_id = a.id
    WHERE a.tenant_id = $1 AND b.tenant_id = $1 GROUP BY a.id, a.key, a.currency, b.debits, b.credits
    HAVING b.debits <> coalesce(sum(p.amount) FILTER (WHERE p.side = 'debit'), 0)
        OR b.credits <> coalesce(sum(p.amount) FILTER (WHERE p.side = 'credit'), 0)
    UNION ALL
    SELECT 'below_zero', a.key || ' ' || a.currency, 0 FROM ledger_accounts a
    JOIN ledger_balances b ON b.tenant_id = a.tenant_id AND b.account_id = a.id
    WHERE a.tenant_id = $1 AND b.tenant_id = $1 AND b.guarded AND b.debits > b.credits
    UNION ALL
    SELECT 'counted', '', count(*) FROM ledger_postings WHERE tenant_id = $1";

/// Adds the tenant's whole book up anew and compares (INV-L1, INV-L4, INV-L5).
pub fn trial_balance(tx: &mut TenantTx<'_>) -> Result<TrialBalance, DbError> {
    let tenant = tx.tenant().uuid();
    let findings: Vec<Finding> = diesel::sql_query(LOOK).bind::<SqlUuid, _>(tenant).load(tx.conn())?;
    let mut result = TrialBalance::default();
    for Finding { fault, name, postings } in findings {
        match fault.as_str() {
            "unbalanced" => result.unbalanced.push(name),
            "wrong_balance" => result.wrong_balances.push(name),
            "below_zero" => result.below_zero.push(name),
            _ => result.postings = postings,
        }
    }
    Ok(result)
}
