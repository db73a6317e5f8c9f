//! T02: what a firm writes is read by nobody else. Every free text holds a canary, and nobody else's answers sing.

use super::{
    crawl::{Known, crawl, reads_v1},
    requests::Operation,
};
use regex::Regex;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::LazyLock};
use tests::{Answer, Client, Firm, PASSWORD, TestApp, address, product};

static CANARY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)leakcanary-(\d+)").unwrap());

/// Written, but shown by no operation: why stock was changed.
const UNSHOWN: &str = "reason";

/// Hands out canaries and remembers where they went.
#[derive(Default)]
struct Cage(Vec<&'static str>);

impl Cage {
    fn next(&mut self, place: &'static str) -> String {
        self.0.push(place);
        format!("LEAKCANARY-{}", self.0.len() - 1)
    }

    /// For names of small letters only.
    fn small(&mut self, place: &'static str) -> String {
        self.next(place).to_lowercase()
    }

    /// Places whose canary is in a text.
    fn heard(&self, text: &str) -> BTreeSet<&'static str> {
        CANARY.captures_iter(text).map(|found| self.0[found[1].parse::<usize>().unwrap()]).collect()
    }
}

/// A draft with a canary in each of its texts.
fn draft(cage: &mut Cage, file: &Value, category: &Value) -> Value {
    let mut body = product(&cage.next("title"), &cage.next("sku"), 9_900, Some(3));
    body["description"] = cage.next("description").into();
    body["tags"] = json!([cage.next("tag")]);
    body["metadata"] = json!({ "note": cage.next("metadata") });
    body["attributes"] = json!({ "origin": cage.next("attribute") });
    body["translations"] = json!({ "en": { "title": cage.next("translation") } });
    body["variants"][0]["options"] = json!({ "colour": cage.next("option") });
    body["media"] = json!([file]);
    body["category_id"] = category.clone();
    body
}

/// The firm's profile but for its name, which the market shows.
fn profile(cage: &mut Cage) -> Value {
    let mut address = address();
    for line in ["name", "line1", "line2"] {
        address[line] = cage.next("address").into();
    }
    json!({ "address": address, "invoice_profile": { "title": cage.next("invoice profile") },
        "metadata": { "note": cage.next("tenant metadata") } })
}

async fn writes_for_itself(app: &TestApp, firm: &Firm, cage: &mut Cage) {
    firm.owner.patch("/v1/tenant", profile(cage)).ok().await;
    let bucket = cage.small("bucket");
    firm.owner.post("/v1/buckets", json!({ "name": bucket })).ok().await;
    let path = format!("/v1/buckets/{bucket}/files/{}.txt", cage.next("file name"));
    let file = firm.owner.request(reqwest::Method::PUT, path).bytes(cage.next("file content")).ok().await;
    let key = json!({ "name": cage.next("key's name"), "scopes": ["catalogue:read"] });
    firm.owner.post("/v1/api-keys", key).ok().await;
    let category = firm.owner.post("/v1/categories", json!({ "name": cage.next("category") })).ok().await;
    let made = firm.owner.post("/v1/products", draft(cage, &file["id"], &category["id"])).ok().await;
    let moved = json!({ "variant_id": made["variants"][0]["id"], "delta": 2, "reason": cage.next(UNSHOWN) });
    firm.owner.post("/v1/inventory/adjustments", moved).ok().await;
    for (place, joins) in [("invitation", false), ("member's address", true)] {
        let email = format!("{}@tea-chaozhou.example", cage.small(place));
        firm.owner.post("/v1/invitations", json!({ "email": email, "role": "viewer" })).ok().await;
        app.run_jobs().await;
        if joins {
            let name = cage.next("member's name");
            let body = json!({ "token": app.token_from_mail(&email), "password": PASSWORD, "display_name": name });
            app.visitor().post("/v1/invitations/accept", body).ok().await;
        }
    }
}

/// What seller and buyer write to each other. The product itself is in the market, but for its notes.
async fn writes_to_each_other(app: &TestApp, (seller, buyer): (&Firm, &Firm), cage: &mut Cage) {
    let mut body = product("凤凰单丛", "SOLD-1", 12_800, Some(5));
    body["metadata"] = json!({ "note": cage.next("a listed product's metadata") });
    let made = seller.owner.post("/v1/products", body).ok().await;
    let sold =
        seller.owner.post(format!("/v1/products/{}/publish", made["id"].as_str().unwrap()), json!({})).ok().await;
    let mut shipping = address();
    shipping["name"] = cage.next("receiver").into();
    shipping["line1"] = cage.next("street").into();
    let order = buyer
        .owner
        .post(
            "/v1/purchases",
            json!({ "lines": [{ "variant_id": sold["variants"][0]["id"], "quantity": 2 }], "shipping_address": shipping,
                "note": cage.next("order note"), "po_number": cage.next("order number") }),
        )
        .ok()
        .await["orders"][0]
        .clone();
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    let path = format!("/v1/orders/{}", order["id"].as_str().unwrap());
    let shipment = json!({ "carrier": cage.next("carrier"), "tracking_number": cage.next("tracking number") });
    seller.owner.post(format!("{path}/shipments"), shipment).ok().await;
    let refund = json!({ "amount_minor": 100, "reason": cage.next("refund reason") });
    seller.owner.post(format!("{path}/refunds"), refund).ok().await;
    app.run_jobs().await;
}

/// Searches and filters that look for canaries, for every text parameter of every operation.
async fn searches(client: &Client) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for operation in Operation::all().filter(reads_v1) {
        if operation.template.contains('{') || operation.secured() && client.token().is_none() {
            continue;
        }
        for (name, _) in operation.parameters("query") {
            let path = format!("{}?{name}=LEAKCANARY", operation.template);
            let answer = client.get(&path).send().await;
            assert!(answer.status < 500, "{path}: {}", answer.text());
            answers.push((path, answer));
        }
    }
    answers
}

/// The body and all headers.
fn everything(answer: &Answer) -> String {
    format!("{:?} {}", answer.headers, answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn t02_nobody_reads_what_others_wrote() {
    let app = TestApp::start().await;
    let (seller, buyer) = app.two_firms().await;
    let stranger = app.firm("stranger").await;
    let mut cage = Cage::default();
    writes_for_itself(&app, &seller, &mut cage).await;
    writes_to_each_other(&app, (&seller, &buyer), &mut cage).await;

    let mut known = Known::default();
    let mut heard = BTreeSet::new();
    for firm in [&seller, &buyer] {
        let answers = crawl(&firm.owner, &mut known).await;
        heard.extend(answers.values().flat_map(|answer| cage.heard(&everything(answer))));
    }
    let silent: Vec<_> = cage.0.iter().filter(|place| !heard.contains(*place) && **place != UNSHOWN).collect();
    assert!(silent.is_empty(), "not even their owner hears {silent:?}: the test would prove nothing of them");

    for (who, client) in [("the stranger", &stranger.owner), ("a visitor", app.visitor())] {
        let answers = crawl(client, &mut known.clone()).await;
        assert!(answers.len() > 3, "{who} asked for little");
        for ((operation, path), answer) in &answers {
            // A path is told back to whoever asked for it, whether there is something or not.
            let text = everything(answer).replace(path.as_str(), "");
            assert_eq!(cage.heard(&text), BTreeSet::new(), "{operation} sings to {who}: {path} {text}");
        }
        for (path, answer) in searches(client).await {
            assert_eq!(cage.heard(&everything(&answer)), BTreeSet::new(), "{path} sings to {who}");
        }
    }
    for mail in app.mails(&stranger.email) {
        assert_eq!(cage.heard(&format!("{} {}", mail.subject, mail.text)), BTreeSet::new(), "a mail to the stranger");
    }
}
