use chrono::Duration;
use serde_json::{Value, json};
use tests::TestApp;

fn has_all(types: &[String], wanted: &[&str]) {
    for kind in wanted {
        assert!(types.iter().any(|t| t == kind), "no {kind} in {types:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_is_found_bought_paid_held_shipped_confirmed_and_released() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("凤凰单丛 蜜兰香 500g", 12_800, Some(10)).await;

    let found = app.visitor().get("/v1/market/products?q=%E5%8D%95%E4%B8%9B").ok().await;
    assert_eq!(found["data"][0]["id"], product["id"], "{found:#}");

    let order = buyer.orders(&product, 2).await;
    assert_eq!((order["status"].as_str(), order["total_minor"].as_i64()), (Some("awaiting_payment"), Some(25_600)));
    let payment = buyer.pays(&order, "pm_card_visa").await;
    assert_eq!(payment["status"], "succeeded", "{payment:#}");
    app.run_jobs().await;
    let held = buyer.purchase(&order).await;
    assert_eq!((held["status"].as_str(), held["escrow"]["status"].as_str()), (Some("paid"), Some("held")));
    assert_eq!(held["escrow"]["held_minor"], 25_600);
    app.books_balance();

    let id = order["id"].as_str().unwrap();
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1234567890" });
    seller.owner.post(format!("/v1/orders/{id}/shipments"), shipment).ok().await;
    assert_eq!(seller.sale(&order).await["status"], "shipped");
    buyer.owner.post(format!("/v1/purchases/{id}/confirm-receipt"), json!({})).ok().await;
    app.run_jobs().await;

    let done = seller.sale(&order).await;
    assert_eq!((done["status"].as_str(), done["escrow"]["status"].as_str()), (Some("completed"), Some("released")));
    let balance = seller.owner.get("/v1/balance").ok().await;
    let available = balance["data"][0]["available_minor"].as_i64().unwrap();
    assert!(available > 20_000 && available <= 25_600, "{balance:#}");
    app.books_balance();

    let story = [
        "order.placed",
        "payment.succeeded",
        "order.paid",
        "escrow.held",
        "order.shipped",
        "order.completed",
        "escrow.released",
    ];
    has_all(&seller.event_types().await, &story);
    has_all(&buyer.event_types().await, &story);
    let subjects: Vec<String> = app.mails(&seller.email).into_iter().map(|mail| mail.subject).collect();
    assert!(subjects.len() >= 5, "{subjects:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_months_invoice_stands_there_after_the_clock_has_passed_its_end() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let none = firm.owner.get("/v1/invoices").ok().await;
    assert_eq!(none["data"].as_array().map(Vec::len), Some(0));

    app.pass(Duration::days(31)).await;

    let firm = app.signed_in_again(&firm).await;
    let invoices = firm.owner.get("/v1/invoices").ok().await;
    let invoice: &Value = &invoices["data"][0];
    assert_eq!(invoices["data"].as_array().map(Vec::len), Some(1), "{invoices:#}");
    assert_eq!(invoice["number"], "2026-11-0001");
    has_all(&firm.event_types().await, &["invoice.finalized"]);
    assert!(app.mails(&firm.email).iter().any(|mail| mail.subject.contains("2026-11-0001")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_piece_is_sold_once() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("实木餐桌", 250_000, Some(3)).await;
    let attempts = (0..12).map(|_| buyer.tries_to_order(&product, 1).send());
    let answers = futures_util::future::join_all(attempts).await;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(sold, 3);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.problem(409, "out_of_stock");
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_identical_payments_are_one_payment() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, None).await;
    let order = buyer.orders(&product, 1).await;
    let path = format!("/v1/purchases/{}/payments", order["id"].as_str().unwrap());
    let pay =
        || buyer.owner.post(&path, json!({ "method": "card", "payment_method": "pm_card_visa" })).key("one-key").send();
    let answers = futures_util::future::join_all((0..50).map(|_| pay())).await;
    assert!(
        answers.iter().all(|answer| matches!(answer.status, 201 | 409)),
        "{:?}",
        answers.iter().map(|a| a.status).collect::<Vec<_>>()
    );
    let again = pay().await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM payments"), 1);
    assert_eq!(buyer.purchase(&order).await["escrow"]["held_minor"], 9_900);
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declined_card_pays_nothing_and_another_try_succeeds() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("蓝牙耳机", 9_900, Some(5)).await;
    let order = buyer.orders(&product, 1).await;
    let declined = buyer.pays(&order, "pm_card_chargeDeclined").await;
    assert_eq!(declined["status"], "failed", "{declined:#}");
    app.run_jobs().await;
    assert_eq!(buyer.purchase(&order).await["status"], "awaiting_payment");
    assert_eq!(buyer.pays(&order, "pm_card_visa").await["status"], "succeeded");
    app.run_jobs().await;
    assert_eq!(buyer.purchase(&order).await["status"], "paid");
    app.books_balance();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpaid_order_is_cancelled_in_time_and_its_stock_comes_back() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let product = seller.publishes("实木餐桌", 250_000, Some(1)).await;
    let order = buyer.orders(&product, 1).await;
    buyer.tries_to_order(&product, 1).send().await.problem(409, "out_of_stock");

    app.pass(Duration::days(3)).await;

    let buyer = app.signed_in_again(&buyer).await;
    assert_eq!(buyer.purchase(&order).await["status"], "cancelled");
    buyer.orders(&product, 1).await;
    app.run_jobs().await;
}
