//! Two requests at one row, brought to the same place by a lock that the test holds.

use api::app::App;
use auth::throttle::{self, ACCOUNT, Key};
use chrono::Duration;
use db::{
    DbError, TenantScope,
    idempotency::{Answered, IdempotencyKey, OnceError, StoredAnswer},
};
use diesel::{PgConnection, RunQueryDsl, connection::SimpleConnection};
use kernel::{Actor, ids::TenantId};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tests::TestApp;

/// Returns once so many sessions of this database wait for a lock.
async fn until_waiting(app: &TestApp, sessions: i64) {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while app.count(waiting) < sessions {
        tokio::task::yield_now().await;
    }
}

fn holding(app: &TestApp, statement: &str) -> PgConnection {
    let mut conn = app.database.superuser();
    conn.batch_execute("BEGIN").unwrap();
    diesel::sql_query(statement).execute(&mut conn).unwrap();
    conn
}

async fn use_key(state: &App, scope: TenantScope, effects: Arc<AtomicUsize>) -> Result<Answered, OnceError<DbError>> {
    let text = |text: &str| text.to_owned();
    let (principal, method, route, key) = (text("usr"), text("POST"), text("/v1/x"), text("k"));
    let key = IdempotencyKey { principal, method, route, key, fingerprint: [7; 32] };
    state
        .db
        .tenant_once("test.once", scope, key, move |_| {
            let number = effects.fetch_add(1, Ordering::SeqCst);
            Ok(StoredAnswer { status: 201, body: number.to_string().into_bytes() })
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_expired_serves_one_of_two_new_requests() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let scope = TenantScope::grant(firm.id.parse::<TenantId>().unwrap(), Actor::system("test"));
    let effects = Arc::new(AtomicUsize::new(0));
    use_key(&app.state, scope.clone(), Arc::clone(&effects)).await.unwrap();
    app.clock.advance(Duration::days(7));

    let mut lock = holding(&app, "SELECT 1 FROM idempotency_keys FOR UPDATE");
    let both: Vec<_> = (0..2)
        .map(|_| {
            let (state, scope, effects) = (app.state.clone(), scope.clone(), Arc::clone(&effects));
            tokio::spawn(async move { use_key(&state, scope, effects).await })
        })
        .collect();
    until_waiting(&app, 2).await;
    lock.batch_execute("COMMIT").unwrap();
    let mut fresh = 0;
    for one in both {
        match one.await.unwrap() {
            Ok(answered) => fresh += usize::from(!answered.replayed),
            Err(OnceError::InProgress) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((fresh, effects.load(Ordering::SeqCst)), (1, 2), "once before it expired, and once after");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_counted_while_a_success_forgets_the_others() {
    let app = TestApp::start().await;
    let key = Key::of(&["account", "x"]);
    let charge = |key: Key| {
        let state = app.state.clone();
        let charged = async move {
            state.db.auth("test.charge", Actor::system("test"), move |tx| throttle::charge(tx, &key, &ACCOUNT)).await
        };
        tokio::spawn(charged)
    };
    charge(key.clone()).await.unwrap().unwrap().unwrap();
    let mut success = holding(&app, "SELECT 1 FROM log_in_throttle FOR UPDATE");
    let attempt = charge(key);
    until_waiting(&app, 1).await;
    success.batch_execute("DELETE FROM log_in_throttle; COMMIT").unwrap();
    attempt.await.unwrap().expect("no failure of the database").expect("not throttled");
    assert_eq!(app.count("SELECT failures::bigint AS count FROM log_in_throttle"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f46_of_two_editors_who_saw_the_same_one_is_told() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let product = firm.publishes("凤凰单丛", 12_800, Some(5)).await;
    let path = format!("/v1/products/{}", product["id"].as_str().unwrap());
    let tag = firm.owner.get(&path).send().await.header("etag").to_owned();
    let same = firm.owner.get(&path).header("if-none-match", &tag).send().await;
    assert_eq!((same.status, same.body.len()), (304, 0));

    let mut lock = holding(&app, "SELECT 1 FROM products FOR UPDATE");
    let both: Vec<_> = ["乌龙", "红茶"]
        .map(|title| {
            let edit = firm.owner.patch(&path, serde_json::json!({ "title": title })).header("if-match", &tag);
            tokio::spawn(async move { edit.send().await })
        })
        .into();
    until_waiting(&app, 2).await;
    lock.batch_execute("COMMIT").unwrap();
    let mut statuses = Vec::new();
    for one in both {
        statuses.push(one.await.unwrap().status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let changed = firm.owner.get(&path).header("if-none-match", &tag).send().await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_was_changed_meanwhile_is_not_removed_by_mistake() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let members = firm.owner.get("/v1/members").ok().await;
    let path = format!("/v1/members/{}", members["data"][0]["id"].as_str().unwrap());
    let stale = firm.owner.delete(&path).header("if-match", "\"7\"").send().await;
    assert_eq!(stale.problem(412, "precondition_failed")["current_version"], 1);
    let role = serde_json::json!({ "role": "admin" });
    firm.owner.patch(&path, role.clone()).header("if-match", "\"7\"").send().await.problem(412, "precondition_failed");
    let kept = firm.owner.patch(&path, role).header("if-match", "\"1\"").send().await;
    kept.problem(409, "last_owner");
    app.run_jobs().await;
}
