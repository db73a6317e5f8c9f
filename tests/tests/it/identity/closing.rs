//! Firms that close for good, and firms that are suspended.

use super::{credentials, is_signed_in, refresh, text};
use chrono::Duration;
use serde_json::{Value, json};
use tests::{Firm, TestApp};

async fn closes(firm: &Firm) -> tests::Answer {
    firm.owner.request(reqwest::Method::POST, "/v1/tenant/close").send().await
}

async fn in_market(app: &TestApp) -> usize {
    app.visitor().get("/v1/market/products").ok().await["data"].as_array().unwrap().len()
}

fn set_status(app: &TestApp, firm: &Firm, status: &str) {
    let owner = &firm.email;
    app.count(&format!(
        "WITH changed AS (UPDATE tenants SET status = '{status}' WHERE id = (SELECT tenant_id FROM members WHERE email = '{owner}')
         RETURNING 1) SELECT count(*) FROM changed"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_closes_and_nobody_gets_in_any_more() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let product = firm.publishes("凤凰单丛", 12_800, Some(5)).await;
    let clerk = app.member(&firm, "sales").await;
    firm.owner.post("/v1/invitations", json!({ "email": "late@example.cn", "role": "viewer" })).ok().await;
    app.run_jobs().await;
    let late = app.token_from_mail("late@example.cn");
    let slug = text(&firm.owner.get("/v1/tenant").ok().await, "/slug");

    let closed = closes(&firm).await;
    assert_eq!((closed.status, &closed.value()["status"]), (200, &json!("closed")), "{}", closed.text());
    assert!(!is_signed_in(&firm.owner).await && !is_signed_in(&clerk).await);
    refresh(&app, &firm.refresh_token).await.problem(401, "refresh_token_invalid");
    let log_in = |email: &str| app.visitor().post("/v1/auth/log-in", credentials(email)).send();
    log_in(&firm.email).await.problem(403, "no_firm");
    let accept = json!({ "token": late, "password": tests::PASSWORD });
    app.visitor().post("/v1/invitations/accept", accept).send().await.problem(400, "invitation_invalid");

    assert_eq!(in_market(&app).await, 0);
    app.visitor().get(format!("/v1/market/sellers/{slug}")).send().await.problem(404, "not_found");
    other.tries_to_order(&product, 1).send().await.problem(422, "validation_failed");
    // T21: the name of a closed firm is nobody's to take.
    other.owner.patch("/v1/tenant", json!({ "slug": slug })).send().await.problem(409, "slug_taken");
    app.run_jobs().await;
    for member in [&firm.email, "sales@tea-chaozhou.example"] {
        assert!(app.mails(member)[0].subject.contains("已关闭"), "{member} is told");
    }
    assert_eq!(app.count("SELECT count(*) FROM events WHERE type = 'tenant.closed'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action = 'tenant.closed'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE revoked_reason = 'firm_closed'"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_another_firm_is_led_there() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let second = firm.owner.post("/v1/tenants", json!({ "name": "Second" })).ok().await;
    assert_eq!(closes(&firm).await.status, 200);
    let tokens = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
    let inside = app.visitor().with_token(text(&tokens, "/access_token"));
    let me = inside.get("/v1/me").ok().await;
    assert_eq!((&me["tenant"]["id"], me["memberships"].as_array().unwrap().len()), (&second["id"], 1));
    let back = json!({ "tenant_id": firm.id });
    inside.post("/v1/auth/switch-tenant", back).send().await.problem(404, "not_found");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_open_orders_nor_money_is_left_behind() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(5)).await;
    let order = buyer.orders(&product, 1).await;
    let counted = |problem: Value| (problem["orders"].clone(), problem["purchases"].clone());
    assert_eq!(counted(closes(&seller).await.problem(409, "tenant_in_trade")), (json!(1), json!(0)));
    assert_eq!(counted(closes(&buyer).await.problem(409, "tenant_in_trade")), (json!(0), json!(1)));
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    assert_eq!(counted(closes(&seller).await.problem(409, "tenant_in_trade")), (json!(1), json!(0)));
    let id = text(&order, "/id");
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1" });
    seller.owner.post(format!("/v1/orders/{id}/shipments"), shipment).ok().await;
    buyer.owner.post(format!("/v1/purchases/{id}/confirm-receipt"), json!({})).ok().await;
    app.run_jobs().await;
    let held = closes(&seller).await.problem(409, "tenant_not_settled");
    let balance = &held["balances"][0];
    assert_eq!((&balance["kind"], &balance["currency"]), (&json!("available"), &json!("CNY")), "{held:#}");
    assert_eq!(closes(&buyer).await.status, 200, "the buyer has nothing to come");
    assert_eq!(app.count("SELECT count(*) FROM tenants WHERE status = 'closed'"), 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_is_closed_by_an_owner_or_ordered_from_but_not_both() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(50)).await;
    let admin = app.member(&seller, "admin").await;
    admin.request(reqwest::Method::POST, "/v1/tenant/close").send().await.problem(403, "owner_only");
    let orders = futures_util::future::join_all((0..5).map(|_| buyer.tries_to_order(&product, 1).send()));
    let (closed, orders) = futures_util::future::join(closes(&seller), orders).await;
    let placed = orders.iter().filter(|answer| answer.status == 201).count();
    let refused = orders.iter().filter(|answer| answer.status == 422).count();
    assert_eq!(placed + refused, 5);
    match closed.status {
        200 => assert_eq!(placed, 0, "orders in a closed firm"),
        _ => drop(closed.problem(409, "tenant_in_trade")),
    }
    app.pass(Duration::days(2)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_firm_gets_its_last_invoice_and_no_further_one() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    assert_eq!(closes(&firm).await.status, 200);
    app.pass(Duration::days(31)).await;
    assert_eq!(app.count("SELECT count(*) FROM invoices"), 1);
    app.pass(Duration::days(92)).await;
    assert_eq!(app.count("SELECT count(*) FROM invoices"), 1, "no month is billed after the last");
    assert_eq!(app.count("SELECT count(*) FROM subscriptions WHERE status = 'cancelled'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_firm_leaves_the_market_and_comes_back() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛", 12_800, Some(5)).await;
    set_status(&app, &seller, "suspended");
    seller.owner.get("/v1/products").send().await.problem(403, "tenant_suspended");
    buyer.tries_to_order(&product, 1).send().await.problem(422, "validation_failed");
    app.pass(Duration::minutes(1)).await;
    assert_eq!(in_market(&app).await, 0);
    set_status(&app, &seller, "active");
    app.pass(Duration::minutes(1)).await;
    assert_eq!(in_market(&app).await, 1);
    let (seller, buyer) = (app.signed_in_again(&seller).await, app.signed_in_again(&buyer).await);
    buyer.orders(&product, 1).await;
    set_status(&app, &seller, "read_only");
    seller.owner.get("/v1/products").ok().await;
    seller.owner.post("/v1/categories", json!({ "name": "茶" })).send().await.problem(403, "tenant_read_only");
    closes(&seller).await.problem(403, "tenant_read_only");
    app.pass(Duration::days(2)).await;
}
