//! The main job under `kill -9`: the whole process tree is killed at random moments of the trade story and started again.
//! Nothing acknowledged is lost, nothing is doubled, the books sum to zero.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, in its tools too"
)]

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::watch;

const PASSWORD: &str = "correct horse 88 battery";
/// The story ends well within this time, or something hangs.
const PATIENCE: Duration = Duration::from_mins(2);

/// The program, killed and started again by somebody else while the story is told.
struct House {
    dir: tempfile::TempDir,
    child: Mutex<Option<Child>>,
    address: watch::Sender<Option<String>>,
}

impl House {
    fn start() -> Arc<Self> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let house = Arc::new(Self { dir, child: Mutex::new(None), address: watch::Sender::new(None) });
        house.launch();
        house
    }

    /// Starts the program and reads its output until it is ready.
    fn launch(&self) {
        use std::io::{BufRead, BufReader};
        let mut child = Command::new(env!("CARGO_BIN_EXE_smecloud"))
            .env("DATA_DIR", self.dir.path())
            .env("LISTEN_ADDR", "127.0.0.1:0")
            .env("RATE_LIMITS", "off")
            .env("LOG", "warn,jobs=error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.by_ref().map(Result::unwrap).find(|line| line.starts_with("SME Cloud is ready on "));
        let address =
            ready.unwrap_or_else(|| panic!("ended before it was ready")).split_whitespace().last().unwrap().to_owned();
        // Somebody must read on, or the program would wait for room in the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        *self.child.lock().unwrap() = Some(child);
        self.address.send_replace(Some(address));
    }

    fn kill(&self) {
        self.address.send_replace(None);
        let mut child = self.child.lock().unwrap().take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    async fn address(&self) -> String {
        self.address.subscribe().wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.lock().unwrap().take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if let Ok(elsewhere) = std::fs::read_link(self.dir.path().join("pg")) {
            let _ = std::fs::remove_dir_all(elsewhere);
        }
    }
}

/// A careful client: it asks again with the same key until it has an answer.
struct Person {
    house: Arc<House>,
    http: reqwest::Client,
    email: String,
    token: String,
}

impl Person {
    async fn new(house: &Arc<House>, name: &str) -> Self {
        let http = reqwest::Client::new();
        let email = format!("{name}@crash.example");
        let mut person = Self { house: Arc::clone(house), http, email, token: String::new() };
        let body = json!({ "email": person.email, "password": PASSWORD, "display_name": name, "company_name": name });
        let (status, _) = person.ask("POST", "/v1/auth/sign-up", Some(body)).await;
        // A sign-up whose answer was lost stands: the address is taken, by us.
        assert!(status == 201 || status == 409, "{status}");
        person.log_in().await;
        let token = person.verification_token().await;
        // The same: a token whose use was acknowledged to nobody is used.
        person.ask("POST", "/v1/auth/verify-email", Some(json!({ "token": token }))).await;
        let (_, me) = person.ask("GET", "/v1/me", None).await;
        assert_eq!(me["user"]["email_verified"], true, "{me}");
        person
    }

    async fn log_in(&mut self) {
        let body = json!({ "email": self.email, "password": PASSWORD });
        let (status, answer) = self.ask("POST", "/v1/auth/log-in", Some(body)).await;
        assert_eq!(status, 200, "{answer}");
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    async fn verification_token(&self) -> String {
        let path = format!("/dev/mail?to={}", self.email);
        let mails = self.until(&path, |mails| mails.as_array().is_some_and(|mails| !mails.is_empty())).await;
        let text = mails[0]["text"].as_str().unwrap();
        text.split_once("token=").unwrap().1.split_whitespace().next().unwrap().to_owned()
    }

    /// Sends a request until it is answered by a process that lives; 5xx and broken connections are asked again.
    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| (body.to_string().into_bytes(), "application/json"));
        let (status, bytes) = self.send(method, path, body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn send(&self, method: &str, path: &str, body: Option<(Vec<u8>, &str)>) -> (u16, Vec<u8>) {
        let key = uuid::Uuid::new_v4().to_string();
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            let address = self.house.address().await;
            let mut request =
                self.http.request(method.parse().unwrap(), format!("{address}{path}")).header("idempotency-key", &key);
            if !self.token.is_empty() {
                request = request.bearer_auth(&self.token);
            }
            if let Some((bytes, content_type)) = &body {
                request = request.body(bytes.clone()).header("content-type", *content_type);
            }
            let Ok(answer) = request.send().await else { continue };
            let status = answer.status().as_u16();
            let Ok(bytes) = answer.bytes().await else { continue };
            let running = status == 409 && String::from_utf8_lossy(&bytes).contains("idempotency_in_progress");
            if status < 500 && !running {
                return (status, bytes.to_vec());
            }
            tokio::task::yield_now().await;
        }
        panic!("{method} {path}: no answer in time");
    }

    async fn ok(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// Asks until the answer is as wanted: what the worker does takes a moment.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let since = Instant::now();
        loop {
            let answer = self.ok("GET", path, None).await;
            if wanted(&answer) {
                return answer;
            }
            assert!(since.elapsed() < PATIENCE, "{path} stays {answer}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

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
