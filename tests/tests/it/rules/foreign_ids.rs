//! T01: another firm's ids are as good as ids that nobody has, in every operation, and nothing happens to what they name.

use super::{
    crawl::{Known, crawl, reads_v1},
    matrix::Demand,
    requests::Operation,
};
use chrono::Duration;
use db::tables;
use kernel::{
    ids::{Id, TenantId, new_uuid},
    permission::Permission,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::{Answer, Client, Firm, TestApp, product};

/// The seller of a completed sale with a draft, a category, a file, a role, an invitation and an invoice besides; and the buyer.
async fn a_firm_with_a_past(app: &TestApp) -> (Firm, Firm) {
    let (seller, buyer) = crate::trade::a_completed_sale(app).await;
    app.pass(Duration::days(31)).await;
    let (seller, buyer) = (app.signed_in_again(&seller).await, app.signed_in_again(&buyer).await);
    keeps_things(&seller).await;
    seller.program(&["catalogue:read"]).await;
    let invited = json!({ "email": "clerk@tea-chaozhou.example", "role": "sales" });
    seller.owner.post("/v1/invitations", invited).ok().await;
    let published = seller.publishes("实木餐桌", 250_000, Some(4)).await;
    let order = buyer.orders(&published, 1).await;
    buyer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    (seller, buyer)
}

/// A draft, a category, a role, and a file in a bucket.
async fn keeps_things(firm: &Firm) {
    let name = firm.email.split(['@', '.']).nth(1).unwrap();
    firm.owner.post("/v1/products", product("草稿", &format!("DRAFT-{name}"), 9_900, Some(3))).ok().await;
    firm.owner.post("/v1/categories", json!({ "name": "茶" })).ok().await;
    firm.owner.post("/v1/collections", json!({ "name": "新品" })).ok().await;
    firm.owner.post("/v1/locations", json!({ "name": "潮州仓" })).ok().await;
    firm.owner.post("/v1/buyer-groups", json!({ "name": "老客户" })).ok().await;
    firm.owner.post("/v1/price-lists", json!({ "name": "合同价" })).ok().await;
    firm.owner.post("/v1/buckets", json!({ "name": format!("docs-{name}") })).ok().await;
    firm.owner.post("/v1/roles", json!({ "name": "仓库", "permissions": ["orders:read"] })).ok().await;
    let file = format!("/v1/buckets/docs-{name}/files/{name}.txt");
    let file = firm.owner.request(reqwest::Method::PUT, file).bytes("text").ok().await;
    let sheet = format!("/v1/buckets/docs-{name}/files/{name}.csv");
    let rows = format!("sku,title,price\nSHEET-{name},茶,1\n");
    let sheet = firm.owner.request(reqwest::Method::PUT, sheet).bytes(rows).ok().await;
    firm.owner.post("/v1/product-imports", json!({ "file_id": sheet["id"], "mode": "apply" })).ok().await;
    let holds = format!("/v1/files/{}/holds", file["id"].as_str().unwrap());
    firm.owner.post(holds, json!({ "reason": "court" })).ok().await;
    let copy = json!({ "folder": "", "to_bucket": format!("spare-{name}"), "to_folder": "copy" });
    firm.owner.post("/v1/buckets", json!({ "name": format!("spare-{name}") })).ok().await;
    firm.owner.post(format!("/v1/buckets/docs-{name}/folders/copy"), copy).ok().await;
    firm.owner.post("/v1/restore-plans", json!({ "at": "2026-01-01T00:00:00Z" })).ok().await;
    let share = firm.owner.post("/v1/shares", json!({ "file_id": file["id"], "mode": "download" })).ok().await;
    firm.owner.get(format!("/s/{}", share["token"].as_str().unwrap())).ok().await;
}

/// Somebody with an order to ship, and one of everything that a body's foreign id could be written into.
async fn a_stranger(app: &TestApp) -> Firm {
    let (stranger, customer) = (app.firm("stranger").await, app.firm("customer").await);
    keeps_things(&stranger).await;
    let published = stranger.publishes("蓝牙耳机", 9_900, Some(4)).await;
    let order = customer.orders(&published, 2).await;
    customer.pays(&order, "pm_card_visa").await;
    app.run_jobs().await;
    stranger
}

/// Count and checksum of the rows of each table that name some firms, whosever they are.
fn rows_of(app: &TestApp, firms: &[&Firm]) -> BTreeMap<String, i64> {
    let ids = firms.iter().map(|firm| firm.id.parse::<TenantId>().unwrap().uuid().to_string());
    let ids = ids.collect::<Vec<_>>().join("|");
    let sum = |table: &String| {
        app.count(&format!(
            "SELECT (count(*) * 1000003 + coalesce(sum(hashtext(t::text)), 0))::bigint AS count FROM {table} t
             WHERE t::text ~ '{ids}'"
        ))
    };
    tables::all().unwrap().keys().map(|table| (table.clone(), sum(table))).collect()
}

/// An answer without what differs in any two: the request's own id and path, and the id that was asked for.
fn told(answer: &Answer, asked_for: &str) -> (u16, Vec<String>, Value) {
    // Whether the connection goes on depends on how much of a refused body had come, not on whose id it was.
    let kept = answer.headers.keys().filter(|name| *name != "connection");
    let mut headers: Vec<String> = kept.map(ToString::to_string).collect();
    headers.sort();
    let text = answer.text().replace(asked_for, "-");
    let mut body = serde_json::from_str(&text).unwrap_or_else(|_| json!(text));
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, _| name != "request_id" && name != "instance");
    }
    (answer.status, headers, body)
}

/// An id, or a name, that nobody has and that looks like those that somebody has.
fn unknown(app: &TestApp, kind: &str) -> String {
    let uuid = new_uuid(kernel::Clock::now(&*app.clock));
    if kind.len() == 3 { Shown(kind, uuid).to_string() } else { format!("unknown-{}", uuid.simple()) }
}

struct Shown<'a>(&'a str, uuid::Uuid);

impl std::fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        kernel::ids::write(self.0, self.1, f)
    }
}

/// Operations whose bodies name other firms as those for whom something holds.
const NAMES_BUYERS: [&str; 4] = ["create_buyer_group", "update_buyer_group", "create_price_list", "update_price_list"];

/// What the stranger tries with.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    app: &'a TestApp,
    client: &'a Client,
    own: &'a Known,
    foreign: &'a Known,
}

impl Attempt<'_> {
    /// The stranger's own id or name of a kind, if they have one.
    fn own(&self, kind: &str) -> String {
        self.own.of(kind).last().cloned().unwrap_or_else(|| unknown(self.app, kind))
    }

    /// Asks for all that is foreign in the place of one path parameter, own things in the others.
    async fn in_path(&self, operation: &Operation) -> usize {
        let body = operation.body("", &|kind| self.own(kind));
        let mut tried = 0;
        for (_, kind) in operation.parameters("path") {
            for foreign in self.foreign.of(&kind) {
                let path = |value: &str| operation.path(&|k| if k == kind { value.to_owned() } else { self.own(k) });
                let nobodys = unknown(self.app, &kind);
                let paths = [path(foreign), path(&nobodys)];
                let asked = |path| self.app.round_trips_of(operation.send(self.client, path, body.clone()));
                let ((answer, work), (same, same_work)) = (asked(&paths[0]).await, asked(&paths[1]).await);
                tried += 1;
                // To store under a path that somebody else uses in a bucket of theirs is nobody's business.
                if operation.id() == "store_file" && kind == "path" {
                    assert_eq!(answer.status < 300, same.status < 300, "{} {foreign}", operation.id());
                    continue;
                }
                assert_eq!(answer.status, 404, "{} {foreign}: {}", operation.id(), answer.text());
                assert_eq!(
                    work,
                    same_work,
                    "T04: {} {foreign}: it takes as long as for what nobody has",
                    operation.id()
                );
                assert_eq!(told(&answer, foreign), told(&same, &nobodys), "{} {foreign}", operation.id());
            }
        }
        tried
    }

    /// Filters by all that is foreign.
    async fn in_query(&self, operation: &Operation) -> usize {
        let path = operation.path(&|kind| self.own(kind));
        let mut tried = 0;
        for (name, kind) in operation.parameters("query").filter(|(name, kind)| name != kind) {
            for foreign in self.foreign.of(&kind) {
                let nobodys = unknown(self.app, &kind);
                let answer = operation.send(self.client, &format!("{path}?{name}={foreign}"), None).await;
                let same = operation.send(self.client, &format!("{path}?{name}={nobodys}"), None).await;
                assert_eq!(told(&answer, foreign), told(&same, &nobodys), "{} {name}={foreign}", operation.id());
                tried += 1;
            }
        }
        tried
    }

    /// Names all that is foreign in the body, with own things in the path and elsewhere in the body.
    async fn in_body(&self, operation: &Operation, public: &Known) -> usize {
        let path = operation.path(&|kind| self.own(kind));
        let mut tried = 0;
        for (pointer, kind) in operation.body_ids() {
            let with = |value: &str| {
                let mut body = operation.body(&pointer, &|kind| self.own(kind)).unwrap();
                *body.pointer_mut(&pointer).unwrap() = json!(value);
                Some(body)
            };
            for foreign in self.foreign.of(&kind) {
                // What is in the market is there to be bought.
                if operation.id() == "place_order" && public.of(&kind).any(|id| id == foreign) {
                    continue;
                }
                let nobodys = unknown(self.app, &kind);
                // A seller names its buyers, who need not exist; `goods::prices` looks that nobody learns who does.
                if kind == "ten" && NAMES_BUYERS.contains(&operation.id()) {
                    tried += 1;
                    continue;
                }
                let answer = operation.send(self.client, &path, with(foreign)).await;
                let same = operation.send(self.client, &path, with(&nobodys)).await;
                let what = format!("{} {pointer} {foreign}", operation.id());
                assert!(matches!(answer.status, 404 | 409 | 422), "{what}: {} {}", answer.status, answer.text());
                assert_eq!(told(&answer, foreign), told(&same, &nobodys), "{what}");
                assert_refused_for(&answer, &pointer, &what);
                tried += 1;
            }
        }
        tried
    }
}

/// A refusal for something else in the request would prove nothing.
fn assert_refused_for(answer: &Answer, pointer: &str, what: &str) {
    for error in answer.value()["errors"].as_array().into_iter().flatten() {
        let named = error["pointer"].as_str().unwrap().trim_start_matches('#');
        assert!(pointer.starts_with(named), "{what} is refused for {named}: {}", answer.text());
    }
}

/// An upload under way in a bucket of its own.
async fn an_upload(firm: &Firm) -> Value {
    firm.owner.post("/v1/buckets", json!({ "name": "uploads" })).ok().await;
    let declared = json!({ "path": "under-way.txt", "size_bytes": 1, "content_type": "text/plain" });
    firm.owner.post("/v1/buckets/uploads/uploads", declared).key("upload").ok().await
}

/// Another one, which can be resumed.
async fn a_resumable_upload(firm: &Firm) -> Value {
    let request = firm.owner.request(reqwest::Method::POST, "/v1/tus").header("tus-resumable", "1.0.0");
    let begun =
        request.header("upload-length", "1").header("upload-metadata", "bucket dXBsb2Fkcw==,path Yg==").send().await;
    assert_eq!(begun.status, 201);
    json!({ "id": begun.header("location").trim_start_matches("/v1/tus/") })
}

#[tokio::test(flavor = "multi_thread")]
async fn t01_foreign_ids_are_ids_that_nobody_has() {
    let app = TestApp::start().await;
    let (seller, buyer) = a_firm_with_a_past(&app).await;
    let stranger = a_stranger(&app).await;
    let (mut sellers, mut own, mut public) = (Known::default(), Known::default(), Known::default());
    // Uploads are in no list.
    sellers.read(&an_upload(&seller).await);
    sellers.read(&a_resumable_upload(&seller).await);
    let seen = crawl(&seller.owner, &mut sellers).await;
    let never: BTreeSet<_> = Operation::all().filter(reads_v1).map(|operation| operation.id()).collect();
    let never: Vec<_> = never.iter().filter(|id| !seen.keys().any(|(seen, _)| seen == *id)).collect();
    assert!(never.is_empty(), "the seller has nothing to show in {never:?}: let a_firm_with_a_past make one");
    crawl(&buyer.owner, &mut sellers).await;
    crawl(&stranger.owner, &mut own).await;
    crawl(app.visitor(), &mut public).await;
    let foreign = sellers.without(&own);

    let before = rows_of(&app, &[&seller, &buyer]);
    let attempt = Attempt { app: &app, client: &stranger.owner, own: &own, foreign: &foreign };
    // A key that may do all that a key can reaches no further than its firm either.
    let scopes: Vec<_> = Permission::ALL.iter().filter(|p| p.suits_programs()).map(|p| p.as_str()).collect();
    let program = Attempt { client: &stranger.program(&scopes).await.client, ..attempt };
    let mut untried = Vec::new();
    let for_members = |operation: &Operation| operation.secured() && operation.template.starts_with("/v1/");
    for operation in Operation::all().filter(for_members).filter(|operation| !operation.streams()) {
        let tried = [
            attempt.in_path(&operation).await,
            attempt.in_query(&operation).await,
            attempt.in_body(&operation, &public).await,
        ];
        let in_query = operation.parameters("query").filter(|(name, kind)| name != kind).count();
        let places = [operation.parameters("path").count(), in_query, operation.body_ids().len()];
        if Demand::of(&operation).scope().is_some() {
            program.in_path(&operation).await;
            program.in_query(&operation).await;
            program.in_body(&operation, &public).await;
        }
        if tried.iter().zip(places).any(|(tried, places)| *tried < places) {
            untried.push((operation.id(), tried, places));
        }
    }
    app.run_jobs().await;
    let after = rows_of(&app, &[&seller, &buyer]);
    let changed: Vec<_> =
        before.iter().filter(|(table, rows)| after[*table] != **rows).map(|(table, _)| table).collect();
    assert!(changed.is_empty(), "rows of others have changed in {changed:?}");
    assert!(untried.is_empty(), "nothing foreign was tried in {untried:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_a_list_cannot_be_turned_by_another_firm() {
    let app = TestApp::start().await;
    let (seller, _) = crate::trade::a_completed_sale(&app).await;
    let stranger = app.firm("stranger").await;
    seller.publishes("蓝牙耳机", 9_900, Some(4)).await;
    let mut lists = 0;
    for operation in Operation::all().filter(|operation| operation.secured() && reads_v1(operation)) {
        let paged = operation.parameters("query").any(|(name, _)| name == "cursor");
        if !paged || operation.template.contains('{') {
            continue;
        }
        let page = seller.owner.get(format!("{}?limit=1", operation.template)).ok().await;
        let Some(cursor) = page["next_cursor"].as_str() else { continue };
        let next = format!("{}?limit=1&cursor={cursor}", operation.template);
        seller.owner.get(&next).ok().await;
        let answer = stranger.owner.get(&next).send().await;
        assert_eq!((answer.status, &answer.value()["code"]), (400, &json!("cursor_mismatch")), "{}", operation.id());
        lists += 1;
    }
    assert!(lists > 3, "{lists} lists have two pages");
    app.run_jobs().await;
}
