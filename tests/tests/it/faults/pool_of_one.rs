//! T08, T09: one connection serves one firm after another, whatever happened on it before.

use actix_web::{HttpResponse, web};
use db::{DbError, PublicTx, TenantScope, TenantTx};
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use kernel::{Actor, ids::TenantId};
use serde_json::json;
use std::sync::{Arc, Mutex};
use tests::{Firm, TestApp, product};

const OWN: &str = "LEAKCANARY-B";
const FOREIGN: &str = "LEAKCANARY-A";

#[derive(Debug, QueryableByName)]
struct Session {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    tenant: String,
    #[diesel(sql_type = Text)]
    platform: String,
    #[diesel(sql_type = Text)]
    rows: String,
}

/// What a session is outside of all transactions, and how many products it then sees in a tenant's role.
fn outside(tx: &mut PublicTx<'_>) -> Result<Session, DbError> {
    // Out of the transaction that the door has begun.
    tx.conn().batch_execute("ROLLBACK").map_err(DbError::from)?;
    let session = sql_query(
        "SELECT current_user::text AS role, coalesce(current_setting('app.tenant_id', true), '') AS tenant,
                coalesce(current_setting('app.platform', true), '') AS platform, '' AS rows",
    )
    .get_result::<Session>(tx.conn())?;
    tx.conn().batch_execute("BEGIN; SET LOCAL ROLE app_tenant").map_err(DbError::from)?;
    let seen = sql_query(
        "SELECT '' AS role, '' AS tenant, '' AS platform, count(*)::text AS rows FROM products
         WHERE tenant_id IS NOT NULL",
    )
    .get_result::<Session>(tx.conn())?;
    tx.conn().batch_execute("ROLLBACK").map_err(DbError::from)?;
    Ok(Session { rows: seen.rows, ..session })
}

/// The firm sees itself, and nobody's rows are seen without a firm.
async fn the_next_is_served(app: &TestApp, firm: &Firm, after: &str) {
    let told = Arc::new(Mutex::new(None));
    let tell = Arc::clone(&told);
    let look = move |tx: &mut PublicTx<'_>| -> Result<(), DbError> {
        *tell.lock().unwrap() = Some(outside(tx)?);
        Err(DbError::Corrupt("there is nothing left to commit".into()))
    };
    let ended = app.state.db.public("test.outside", look).await;
    let session = told.lock().unwrap().take().unwrap_or_else(|| panic!("after {after}: {ended:?}"));
    let said = [&session.role, &session.tenant, &session.platform, &session.rows];
    assert_eq!(said, ["smecloud_app", "", "", "0"], "after {after}");
    let seen = firm.owner.get("/v1/products").send().await;
    assert_eq!(seen.status, 200, "after {after}: {}", seen.text());
    assert!(seen.text().contains(OWN) && !seen.text().contains(FOREIGN), "after {after}: {}", seen.text());
}

fn scope(firm: &Firm) -> TenantScope {
    TenantScope::grant(firm.id.parse::<TenantId>().unwrap(), Actor::system("test"))
}

fn run(sql: &'static str) -> impl Fn(&mut TenantTx<'_>) -> Result<(), DbError> + Send + 'static {
    move |tx| tx.conn().batch_execute(sql).map_err(DbError::from)
}

async fn panics() -> HttpResponse {
    panic!("on purpose")
}

/// Requests and transactions of the first firm, each of which ends in another way.
async fn endings(app: &TestApp, first: &Firm) -> Vec<&'static str> {
    vec![
        ("a read", first.owner.get("/v1/products").send().await.status, 200),
        ("a health check", app.visitor().get("/healthz").send().await.status, 200),
        ("a readiness check", app.visitor().get("/readyz").send().await.status, 200),
        ("a visitor", app.visitor().get("/v1/products").send().await.status, 401),
        ("a made-up token", app.visitor().with_token("x.y.z").get("/v1/products").send().await.status, 401),
        ("an unknown id", first.owner.get(format!("/v1/products/prd_{}", "0".repeat(26))).send().await.status, 404),
        ("a refused body", first.owner.post("/v1/products", json!({})).send().await.status, 422),
        ("a conflict", first.owner.post("/v1/products", product(FOREIGN, "A-1", 1, None)).send().await.status, 409),
    ]
    .into_iter()
    .map(|(what, status, expected)| {
        assert_eq!(status, expected, "{what}");
        what
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn t08_t09_one_connection_keeps_nothing_of_whoever_had_it_before() {
    let app = TestApp::start_with(&[("DATABASE_POOL_SIZE", "1")]).await;
    let (first, second) = app.two_firms().await;
    first.owner.post("/v1/products", product(FOREIGN, "A-1", 12_800, Some(5))).ok().await;
    second.owner.post("/v1/products", product(OWN, "B-1", 12_800, Some(5))).ok().await;
    for what in endings(&app, &first).await {
        the_next_is_served(&app, &second, what).await;
    }
    let db = &app.state.db;
    let failing = [
        ("an error of PostgreSQL", "SELECT 1 / 0"),
        ("a statement that took too long", "SET LOCAL statement_timeout = '5ms'; SELECT pg_sleep(10)"),
        ("a refused statement", "SELECT * FROM users"),
        ("a role that was changed by hand", "SET LOCAL ROLE app_platform; SELECT 1 / 0"),
        ("a lost connection", "SELECT pg_terminate_backend(pg_backend_pid())"),
    ];
    for (what, sql) in failing {
        let ended = db.tenant("test.failing", scope(&first), run(sql)).await;
        assert!(ended.is_err(), "{what}: {ended:?}");
        the_next_is_served(&app, &second, what).await;
    }
    let panicked = db.tenant("test.panic", scope(&first), |_| -> Result<(), DbError> { panic!("on purpose") }).await;
    assert!(matches!(panicked, Err(DbError::Panicked)), "{panicked:?}");
    the_next_is_served(&app, &second, "a panic in a transaction").await;
    db.tenant("test.commits", scope(&first), run("SELECT 1")).await.unwrap();
    the_next_is_served(&app, &second, "a committed transaction").await;
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t08_f57_a_panicking_handler_is_one_failed_request() {
    let app = TestApp::start_with(&[("DATABASE_POOL_SIZE", "1")]).await;
    let firm = app.firm("parts-shenzhen").await;
    firm.owner.post("/v1/products", product(OWN, "B-1", 12_800, Some(5))).ok().await;
    let (server, visitor) = app.also_serving(|cfg| {
        cfg.route("/panics", web::get().to(panics));
    });
    let answer = visitor.get("/panics").unchecked().send().await;
    answer.problem(500, "internal_error");
    assert!(!answer.text().contains("on purpose"));
    the_next_is_served(&app, &firm, "a panicking handler").await;
    let seen = visitor.with_token(firm.owner.token().unwrap()).get("/v1/products").ok().await;
    assert!(seen.to_string().contains(OWN));
    server.stop().await.unwrap();
    app.run_jobs().await;
}

/// A story over two firms, a payment provider and the worker needs no more than one connection at a time.
#[tokio::test(flavor = "multi_thread")]
async fn t08_a_whole_sale_needs_one_connection() {
    let app = TestApp::start_with(&[("DATABASE_POOL_SIZE", "1")]).await;
    crate::trade::a_completed_sale(&app).await;
    app.books_balance();
}
