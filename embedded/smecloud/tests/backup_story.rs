//! Backups: of a platform that is used all the time, of one that was killed, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its tools too")]

mod stage;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use stage::{House, Person};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use tokio::sync::watch;

fn place() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn smecloud(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smecloud"));
    command.args(arguments).env("DATA_DIR", data).stdin(Stdio::null());
    command
}

async fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = smecloud(data, arguments);
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

async fn succeed(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments).await;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "{arguments:?}: {text}");
    text
}

async fn refused(data: &Path, arguments: &[&str], reason: &str) {
    let output = run(data, arguments).await;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let last = text.trim_end().lines().last().unwrap_or_default();
    assert!(last.starts_with("smecloud: ") && last.contains(reason), "{text}");
}

/// What was acknowledged so far.
#[derive(Clone, Default)]
struct Done {
    /// Files by name, with the digest they were answered with.
    files: BTreeMap<String, String>,
    orders: Vec<String>,
}

/// A firm that stores files and one that buys, all the time.
struct Trade {
    seller: Person,
    buyer: Person,
    variant: String,
    done: Mutex<Done>,
    count: watch::Sender<(usize, usize)>,
}

impl Trade {
    async fn open(house: &Arc<House>) -> Self {
        let (seller, buyer) = (Person::new(house, "seller").await, Person::new(house, "buyer").await);
        seller.ok("POST", "/v1/buckets", Some(json!({ "name": "docs", "visibility": "private" }))).await;
        let variant = json!({ "sku": "DC-1", "options": {}, "price_minor": 12_800, "currency": "CNY", "unit": "piece",
            "stock": 1_000_000 });
        let product = json!({ "title": "凤凰单丛", "description": "", "variants": [variant] });
        let product = seller.ok("POST", "/v1/products", Some(product)).await;
        let id = product["id"].as_str().unwrap();
        seller.ok("POST", &format!("/v1/products/{id}/publish"), None).await;
        let variant = product["variants"][0]["id"].as_str().unwrap().to_owned();
        Self { seller, buyer, variant, done: Mutex::default(), count: watch::Sender::new((0, 0)) }
    }

    fn done(&self) -> Done {
        self.done.lock().unwrap().clone()
    }

    /// Stores new files, overwrites and deletes others.
    async fn store(&self, round: u32) {
        let bytes: Vec<u8> = (0..round * 977 % 300_000).map(|n| (n ^ round).to_le_bytes()[0]).collect();
        for name in [format!("{round}.bin"), "again.bin".to_owned()] {
            let path = format!("/v1/buckets/docs/files/{name}");
            let (status, stored) = self.seller.send("PUT", &path, Some((bytes.clone(), "application/x-test"))).await;
            assert!(status == 200 || status == 201, "{status}");
            let stored: Value = serde_json::from_slice(&stored).unwrap();
            let digest = hex::encode(Sha256::digest(&bytes));
            assert_eq!(stored["sha256"], digest);
            self.done.lock().unwrap().files.insert(name, digest);
        }
        if round % 3 == 0 {
            // Forgotten first: what is being deleted may be there or not.
            let name = format!("{}.bin", round - 1);
            self.done.lock().unwrap().files.remove(&name);
            self.seller.ok("DELETE", &format!("/v1/buckets/docs/files/{name}"), None).await;
        }
        self.count.send_modify(|(files, _)| *files += 1);
    }

    async fn buy(&self) {
        let order = json!({ "lines": [{ "variant_id": self.variant, "quantity": 1 }],
            "shipping_address": { "name": "李四", "phone": "13800000000", "country": "CN", "province": "广东省",
                "city": "深圳市", "line1": "科技园路 1 号", "postal_code": "518000" } });
        let placed = self.buyer.ok("POST", "/v1/purchases", Some(order)).await;
        let order = placed["orders"][0]["id"].as_str().unwrap().to_owned();
        let card = json!({ "method": "card", "payment_method": "pm_card_visa" });
        let paid = self.buyer.ok("POST", &format!("/v1/purchases/{order}/payments"), Some(card)).await;
        assert_eq!(paid["status"], "succeeded", "{paid}");
        self.done.lock().unwrap().orders.push(order);
        self.count.send_modify(|(_, orders)| *orders += 1);
    }

    async fn go_on(&self, stop: watch::Receiver<bool>) {
        let storing = async {
            let mut round = 1;
            while !*stop.borrow() {
                self.store(round).await;
                round += 1;
            }
        };
        let buying = async {
            while !*stop.borrow() {
                self.buy().await;
            }
        };
        tokio::join!(storing, buying);
    }

    /// Waits until so many more files and orders are acknowledged.
    async fn more(&self, wanted: usize) {
        let (files, orders) = *self.count.borrow();
        let enough = |now: &(usize, usize)| now.0 >= files + wanted && now.1 >= orders + wanted;
        self.count.subscribe().wait_for(enough).await.unwrap();
    }
}

/// All of a list, page by page.
async fn all(person: &Person, path: &str) -> Vec<Value> {
    let (mut rows, mut next) = (Vec::new(), String::new());
    loop {
        let page = person.ok("GET", &format!("{path}?limit=100{next}"), None).await;
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return rows };
        next = format!("&cursor={cursor}");
    }
}

/// The payments that the simulator has taken, and their sum.
fn taken(data: &Path) -> (usize, i64) {
    let journal = fs::read_to_string(data.join("stripe/journal.jsonl")).unwrap();
    let mut amounts = BTreeMap::new();
    for line in journal.lines() {
        let change: Value = serde_json::from_str(line.split_once(' ').unwrap().1).unwrap();
        for object in change["put"].as_array().unwrap().iter().map(|stored| &stored["value"]) {
            if object["object"] == "payment_intent" && object["status"] == "succeeded" {
                amounts.insert(object["id"].to_string(), object["amount"].as_i64().unwrap());
            }
        }
    }
    (amounts.len(), amounts.values().sum())
}

/// Everything fits together in the restored platform, and what was acknowledged before the backup is there.
async fn check(house: &Arc<House>, seller: &Person, buyer: &Person, before: &Done) {
    let files = all(seller, "/v1/buckets/docs/files").await;
    let mut found = BTreeMap::new();
    for file in &files {
        let path = file["path"].as_str().unwrap();
        let (status, bytes) = seller.send("GET", &format!("/v1/buckets/docs/files/{path}"), None).await;
        assert_eq!(status, 200, "{path}");
        let digest = hex::encode(Sha256::digest(&bytes));
        assert_eq!(file["sha256"], digest, "{path}");
        found.insert(path.to_owned(), digest);
    }
    for (name, digest) in before.files.iter().filter(|(name, _)| *name != "again.bin") {
        assert_eq!(found.get(name), Some(digest), "{name}");
    }
    assert!(found.contains_key("again.bin"));

    for order in &before.orders {
        let order = buyer.ok("GET", &format!("/v1/purchases/{order}"), None).await;
        assert_eq!(order["escrow"]["status"], "held", "{order}");
    }
    // A payment that was under way is settled by the worker, as after a crash.
    let (payments, sum) = taken(house.path());
    let held = |order: &Value| order["escrow"]["status"] == "held";
    let since = std::time::Instant::now();
    let orders = loop {
        let orders = all(buyer, "/v1/purchases").await;
        if orders.iter().filter(|order| held(order)).count() == payments {
            break orders;
        }
        assert!(since.elapsed() < stage::PATIENCE, "{payments} payments, but {orders:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    };
    let booked: i64 =
        orders.iter().filter(|order| held(order)).map(|order| order["total_minor"].as_i64().unwrap()).sum();
    assert_eq!(booked, sum);
    for entry in all(seller, "/v1/ledger/entries").await {
        let amount = |posting: &Value| {
            posting["amount_minor"].as_i64().unwrap() * if posting["side"] == "debit" { 1 } else { -1 }
        };
        assert_eq!(entry["postings"].as_array().unwrap().iter().map(amount).sum::<i64>(), 0, "{entry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_restores_to_one_moment() {
    let house = House::start();
    let trade = Arc::new(Trade::open(&house).await);
    let (stop, stopped) = watch::channel(false);
    let going = tokio::spawn({
        let trade = Arc::clone(&trade);
        async move { trade.go_on(stopped).await }
    });
    trade.more(6).await;

    let (backups, before) = (place(), trade.done());
    let backup = backups.path().join("first");
    let backup_name = backup.to_str().unwrap();
    let said = succeed(house.path(), &["backup", backup_name]).await;
    assert!(said.contains("Copying the database ..."), "{said}");
    trade.more(6).await;
    stop.send_replace(true);
    going.await.unwrap();
    assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o700);
    succeed(house.path(), &["backup", backup_name, "--verify"]).await;
    let after = trade.done();
    assert!(after.orders.len() > before.orders.len() && after.files.len() > before.files.len());

    let second = place();
    succeed(second.path(), &["restore", backup_name]).await;
    let restored = House::open(second);
    let trade = Arc::into_inner(trade).unwrap();
    let (mut seller, mut buyer) = (trade.seller, trade.buyer);
    for person in [&mut seller, &mut buyer] {
        person.house = Arc::clone(&restored);
        person.log_in().await;
    }
    check(&restored, &seller, &buyer, &before).await;
    // It is the past: what came after the backup is not there.
    let known: BTreeSet<String> =
        all(&buyer, "/v1/purchases").await.iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect();
    assert!(after.orders.iter().any(|order| !known.contains(order)));
    // And it lives.
    seller.ok("POST", "/v1/buckets", Some(json!({ "name": "later", "visibility": "private" }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_leaves_no_backup_and_the_next_one_is_whole() {
    let house = House::start();
    let mut seller = Person::new(&house, "seller").await;
    let backups = place();
    let backup = backups.path().join("b");
    let name = backup.to_str().unwrap().to_owned();

    let mut asking = smecloud(house.path(), &["backup", &name]).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(asking.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("Copying the database ..."));
    house.kill();
    let last = lines.last().unwrap_or_default();
    assert_eq!(asking.wait().unwrap().code(), Some(1));
    assert!(last.contains("smecloud: "), "{last}");
    assert!(!backup.exists());

    // The platform that was killed is backed up as it lies, over what the first attempt left.
    succeed(house.path(), &["backup", &name]).await;
    assert_eq!(fs::read_dir(backups.path()).unwrap().count(), 1, "only the backup is left");
    let second = place();
    succeed(second.path(), &["restore", &name]).await;
    seller.house = House::open(second);
    seller.log_in().await;
    seller.ok("POST", "/v1/buckets", Some(json!({ "name": "docs", "visibility": "private" }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_restored_is_refused_with_one_line() {
    let house = House::start();
    house.kill();
    let (backups, target) = (place(), place());
    let backup = backups.path().join("b");
    let name = backup.to_str().unwrap().to_owned();
    let data = target.path().join("data");
    refused(&data, &["backup", &name], "nothing to back up").await;
    succeed(house.path(), &["backup", &name]).await;
    refused(house.path(), &["backup", &name], "is there already").await;
    refused(house.path(), &["restore", &name], "is not empty").await;
    refused(&data, &["restore", target.path().to_str().unwrap()], "is no complete backup").await;

    let mail = backup.join("secrets.toml");
    let whole = fs::read(&mail).unwrap();
    let mut damaged = whole.clone();
    damaged[20] ^= 1;
    fs::write(&mail, &damaged).unwrap();
    refused(&data, &["restore", &name], "secrets.toml has changed").await;
    refused(&data, &["backup", &name, "--verify"], "secrets.toml has changed").await;
    fs::write(&mail, &whole[1..]).unwrap();
    refused(&data, &["restore", &name], "secrets.toml is missing or cut").await;
    fs::write(&mail, &whole).unwrap();
    let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"], "a restore that fails leaves nothing");

    fs::write(data.join("restore-unfinished"), "").unwrap();
    refused(&data, &["run"], "the restore into").await;
    fs::remove_file(data.join("restore-unfinished")).unwrap();
    succeed(&data, &["restore", &name]).await;
    refused(&data, &["restore", &name], "is not empty").await;
    if let Ok(elsewhere) = fs::read_link(data.join("pg")) {
        fs::remove_dir_all(elsewhere).unwrap();
    }
}
