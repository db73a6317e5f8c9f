use crate::world::{World, census};
use auth::{LogIn, Password, RequestMeta};
use std::collections::BTreeMap;
use test_cluster::Cluster;

const UNBALANCED: &str = "SELECT count(*) FROM (SELECT 1 FROM ledger_postings GROUP BY tenant_id, entry_id, currency
    HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0) AS unbalanced";

#[tokio::test(flavor = "multi_thread")]
async fn running_twice_changes_nothing() {
    let (world, database) = (World::start().await, Cluster::get().database());
    let deps = world.deps(&database, "twice").await;
    assert!(seeds::run(deps.clone(), |_| ()).await.unwrap().planted);
    let before = census(&database);
    let again = seeds::run(deps.clone(), |step| assert_eq!(step, "", "there was nothing to do")).await.unwrap();
    assert!(!again.planted);
    assert_eq!(census(&database), before);

    let count = |sql: &str| database.count(sql);
    let rows = |table: &str| before[table];
    assert_eq!(count("SELECT count(DISTINCT slug) FROM tenants WHERE unified_social_credit_code > ''"), 3);
    assert_eq!((rows("members"), rows("products"), rows("orders"), rows("buckets")), (13, 201, 56, 6));
    let states: BTreeMap<&str, i64> = ["completed", "shipped", "paid", "awaiting_payment", "cancelled", "refunded"]
        .map(|state| (state, count(&format!("SELECT count(*) FROM orders WHERE status = '{state}'"))))
        .into();
    let expected =
        [("completed", 44), ("shipped", 1), ("paid", 1), ("awaiting_payment", 1), ("cancelled", 5), ("refunded", 4)];
    assert_eq!(states, expected.into());
    assert!(rows("invoices") >= 12 && rows("invoices") % 3 == 0, "each firm has the invoices of its ended months");
    assert_eq!(count("SELECT count(DISTINCT date_trunc('month', placed_at)) FROM orders WHERE placed_at < '2026-11-01'"), 4);
    assert_eq!(count("SELECT count(*) FROM products WHERE status = 'archived'"), 3);
    assert_eq!(rows("payments"), 50);
    assert!(rows("ledger_postings") > 0);
    assert_eq!(count(UNBALANCED), 0, "entries that do not sum to zero");

    for person in again.log_ins {
        let (email, password) = (person.email.parse().ok(), Password::entered(person.password));
        let command = LogIn { email, password, user_agent: None };
        let signed_in = auth::log_in(&deps.db, &deps.authority, &command, RequestMeta::default()).await.unwrap();
        assert_eq!((signed_in.tenant.name, signed_in.role), (person.firm, person.role.into()));
    }
    assert_eq!(count("SELECT count(*) FROM users WHERE email_verified_at IS NULL"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gateway_nothing_is_paid() {
    let (world, database) = (World::start().await, Cluster::get().database());
    let deps = seeds::SeedDeps { gateway: None, ..world.deps(&database, "unpaid").await };
    assert!(seeds::run(deps, |_| ()).await.unwrap().planted);
    let unpaid = "SELECT count(*) FROM orders WHERE status = 'awaiting_payment'";
    assert_eq!((database.count(unpaid), census(&database)["payments"]), (51, 0));
}
