//! The main job under `kill -9`: the whole process tree is killed at random moments of the trade story and started again.
//! Nothing acknowledged is lost, nothing is doubled, the books sum to zero.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, in its tools too")]

mod stage;

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stage::{House, Person};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// Tells the story while somebody kills the program again and again; returns what to check afterwards.
async fn story(house: &Arc<House>) -> (Person, Person, String) {
    let (mut seller, mut buyer) = (Person::new(house, "seller").await, Person::new(house, "buyer").await);
    let (status, _) = seller.ask("POST", "/v1/buckets", Some(json!({ "name": "docs", "visibility": "private" }))).await;
    assert!(status == 201 || status == 409);
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let (status, stored) =
        seller.send("PUT", "/v1/buckets/docs/files/a.bin", Some((bytes.clone(), "application/x-test"))).await;
    assert!(status == 200 || status == 201, "{status}");
    let stored: Value = serde_json::from_slice(&stored).unwrap();
    assert_eq!(stored["sha256"], hex::encode(Sha256::digest(&bytes)));

    let variant =
        json!({ "sku": "DC-1", "options": {}, "price_minor": 12_800, "currency": "CNY", "unit": "piece", "stock": 10 });
    let product = seller
        .ok("POST", "/v1/products", Some(json!({ "title": "凤凰单丛", "description": "", "variants": [variant] })))
        .await;
    let id = product["id"].as_str().unwrap();
    seller.ok("POST", &format!("/v1/products/{id}/publish"), None).await;
    let order = json!({ "lines": [{ "variant_id": product["variants"][0]["id"], "quantity": 2 }],
        "shipping_address": { "name": "李四", "phone": "13800000000", "country": "CN", "province": "广东省", "city": "深圳市",
            "line1": "科技园路 1 号", "postal_code": "518000" } });
    let placed = buyer.ok("POST", "/v1/purchases", Some(order)).await;
    let order = placed["orders"][0]["id"].as_str().unwrap().to_owned();
    let card = json!({ "method": "card", "payment_method": "pm_card_visa" });
    buyer.ok("POST", &format!("/v1/purchases/{order}/payments"), Some(card)).await;
    buyer.until(&format!("/v1/purchases/{order}"), |order| order["escrow"]["status"] == "held").await;
    let shipment = json!({ "carrier": "SF", "tracking_number": "SF1" });
    seller.ok("POST", &format!("/v1/orders/{order}/shipments"), Some(shipment)).await;
    buyer.ok("POST", &format!("/v1/purchases/{order}/confirm-receipt"), Some(json!({}))).await;
    seller.until(&format!("/v1/orders/{order}"), |order| order["escrow"]["status"] == "released").await;
    seller.ok("POST", "/dev/clock", Some(json!({ "advance_seconds": 31 * 86_400 }))).await;
    seller.log_in().await;
    buyer.log_in().await;
    seller.until("/v1/invoices", |page| page["data"].as_array().is_some_and(|invoices| !invoices.is_empty())).await;
    (seller, buyer, order)
}

async fn check(seller: &Person, buyer: &Person, order: &str) {
    let (_, bytes) = seller.send("GET", "/v1/buckets/docs/files/a.bin", None).await;
    assert_eq!(bytes.len(), 20_000_000);
    let products = seller.ok("GET", "/v1/products", None).await;
    assert_eq!(products["data"].as_array().unwrap().len(), 1, "{products}");
    assert_eq!(products["data"][0]["variants"][0]["stock"], 8, "{products}");
    let purchases = buyer.ok("GET", "/v1/purchases", None).await;
    assert_eq!(purchases["data"].as_array().unwrap().len(), 1, "{purchases}");
    let sale = seller.ok("GET", &format!("/v1/orders/{order}"), None).await;
    assert_eq!((&sale["status"], sale["payments"].as_array().unwrap().len()), (&json!("completed"), 1), "{sale}");
    let balance = seller.ok("GET", "/v1/balance", None).await;
    assert_eq!(balance["data"][0]["available_minor"], 25_344, "{balance}");
    let entries = seller.ok("GET", "/v1/ledger/entries?limit=100", None).await;
    for entry in entries["data"].as_array().unwrap() {
        let postings = entry["postings"].as_array().unwrap();
        let sum: i64 = postings
            .iter()
            .map(|p| p["amount_minor"].as_i64().unwrap() * if p["side"] == "debit" { 1 } else { -1 })
            .sum();
        assert_eq!(sum, 0, "{entry}");
    }
    let events = seller.ok("GET", "/v1/events?limit=100", None).await;
    let types: Vec<&str> =
        events["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    for once in [
        "order.placed",
        "order.paid",
        "escrow.held",
        "order.shipped",
        "order.completed",
        "escrow.released",
        "product.published",
    ] {
        assert_eq!(types.iter().filter(|kind| **kind == once).count(), 1, "{once} in {types:?}");
    }
}

/// Kills and starts until told to stop; the moments are random, by a seed that is printed.
async fn kill_again_and_again(house: Arc<House>, seed: u64, mut stop: watch::Receiver<bool>) -> u32 {
    let mut random = StdRng::seed_from_u64(seed);
    let mut kills = 0;
    loop {
        let life = Duration::from_millis(random.random_range(200..900));
        tokio::select! {
            () = tokio::time::sleep(life) => {}
            _ = stop.wait_for(|stop| *stop) => return kills,
        }
        let house = Arc::clone(&house);
        tokio::task::spawn_blocking(move || {
            house.kill();
            house.launch();
        })
        .await
        .unwrap();
        kills += 1;
    }
}

async fn crash_through_the_story(seed: u64) {
    println!("seed {seed}");
    let house = tokio::task::spawn_blocking(House::start).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let killer = tokio::spawn(kill_again_and_again(Arc::clone(&house), seed, stopped));
    let (seller, buyer, order) = story(&house).await;
    stop.send_replace(true);
    let kills = killer.await.unwrap();
    check(&seller, &buyer, &order).await;
    println!("{kills} kills");
    assert!(kills > 0, "the story was over before anything was killed");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_nothing_is_lost_or_doubled() {
    crash_through_the_story(20_261_123).await;
}

/// For `make soak`: many stories, each with other moments.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a long run, for make soak"]
async fn soak_many_stories_under_kill() {
    for round in 0..20 {
        crash_through_the_story(rand::random::<u64>().wrapping_add(round)).await;
    }
}
