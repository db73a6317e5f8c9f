//! T07: clients of two firms go away in the middle of their requests, at any moment, while two connections to PostgreSQL serve
//! all of them.

use rand::Rng;
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    time::Duration,
};
use tests::{Firm, TestApp, product};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const REQUESTS: usize = 20_000;
const CLIENTS: usize = 24;
const LONGEST_WAIT: u64 = 50_000;
const PATHS: [&str; 6] = [
    "/v1/products?limit=3",
    "/v1/tenant",
    "/v1/me",
    "/v1/categories?limit=3",
    "/v1/events?limit=3",
    "/v1/inventory?limit=3",
];

/// Who asks, and what the answers may not contain.
#[derive(Clone)]
struct Side {
    token: String,
    own: &'static str,
    foreign: &'static str,
}

impl Side {
    async fn of(firm: &Firm, own: &'static str, foreign: &'static str) -> Self {
        for number in 0..4 {
            let body = product(own, &format!("{own}-{number}"), 12_800, Some(5));
            firm.owner.post("/v1/products", body).ok().await;
            firm.owner.post("/v1/categories", json!({ "name": format!("{own} {number}") })).ok().await;
        }
        firm.owner.patch("/v1/tenant", json!({ "metadata": { "note": own } })).ok().await;
        Self { token: firm.owner.token().unwrap().to_owned(), own, foreign }
    }

    fn request(&self, number: usize) -> String {
        let authorisation = format!("authorization: Bearer {}\r\nhost: localhost", self.token);
        // One in ten writes.
        if number.is_multiple_of(10) {
            let body = json!({ "name": format!("{} of {number}", self.own) }).to_string();
            let length = body.len();
            return format!(
                "POST /v1/categories HTTP/1.1\r\n{authorisation}\r\nidempotency-key: {number}\r\n\
                 content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
            );
        }
        format!("GET {} HTTP/1.1\r\n{authorisation}\r\n\r\n", PATHS[number % PATHS.len()])
    }

    fn hears_only_itself(&self, heard: &[u8]) {
        let text = String::from_utf8_lossy(heard);
        assert!(!text.contains(self.foreign), "{} hears {}: {text}", self.own, self.foreign);
    }
}

/// Sends a request, listens for a while and is gone. Tells whether an answer had come whole.
async fn cut_off(address: SocketAddr, side: &Side, number: usize) -> bool {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(side.request(number).as_bytes()).await.unwrap();
    let moment = Duration::from_micros(rand::rng().random_range(0..LONGEST_WAIT));
    let mut heard = Vec::new();
    let listening = async { while stream.read_buf(&mut heard).await.is_ok_and(|length| length > 0) {} };
    let _ = timeout(moment, listening).await;
    side.hears_only_itself(&heard);
    stream.set_zero_linger().unwrap();
    heard.ends_with(b"}")
}

/// Reads as one firm, over a connection of its own, until told to stop; tells how many answers it has seen.
async fn looks_on(app: Arc<TestApp>, side: Side, stop: Arc<AtomicBool>) -> usize {
    let client = app.visitor().with_token(&side.token);
    let mut seen = 0;
    while !stop.load(Ordering::Relaxed) {
        for path in PATHS {
            let answer = client.get(path).send().await;
            side.hears_only_itself(&answer.body);
            assert!(matches!(answer.status, 200 | 503), "{path}: {} {}", answer.status, answer.text());
            seen += usize::from(answer.status == 200 && answer.text().contains(side.own));
        }
    }
    seen
}

/// Two transactions that wait for each other: only two connections can end them.
async fn both_connections_serve(app: &TestApp) {
    let meet = |tell: Sender<()>, hear: Receiver<()>| {
        let hear = std::sync::Mutex::new(hear);
        app.state.db.public("test.meet", move |_| {
            tell.send(()).map_err(|error| db::DbError::Corrupt(error.to_string()))?;
            let heard = hear.lock().unwrap().recv_timeout(Duration::from_secs(5));
            heard.map_err(|error| db::DbError::Corrupt(error.to_string()))
        })
    };
    let ((to_second, from_first), (to_first, from_second)) = (channel(), channel());
    let (first, second) = tokio::join!(meet(to_second, from_second), meet(to_first, from_first));
    first.unwrap();
    second.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn t07_f08_requests_cut_at_any_moment_leave_nothing_behind_and_show_nothing() {
    let app = Arc::new(TestApp::start_with(&[("DATABASE_POOL_SIZE", "2")]).await);
    let (tea, parts) = app.two_firms().await;
    let tea = Side::of(&tea, "LEAKCANARY-TEA", "LEAKCANARY-PARTS").await;
    let parts = Side::of(&parts, "LEAKCANARY-PARTS", "LEAKCANARY-TEA").await;
    app.run_jobs().await;
    let address: SocketAddr = app.visitor().base().trim_start_matches("http://").parse().unwrap();
    let (stop, next, whole) = (Arc::new(AtomicBool::new(false)), Arc::default(), Arc::new(AtomicUsize::new(0)));
    let lookers: Vec<_> =
        [&tea, &parts].map(|side| tokio::spawn(looks_on(Arc::clone(&app), side.clone(), Arc::clone(&stop)))).into();
    let clients = (0..CLIENTS).map(|_| {
        let (sides, next, whole) = ([tea.clone(), parts.clone()], Arc::<AtomicUsize>::clone(&next), Arc::clone(&whole));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= REQUESTS {
                    return;
                }
                let answered = cut_off(address, &sides[number % 7 % 2], number).await;
                whole.fetch_add(usize::from(answered), Ordering::Relaxed);
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    for looker in lookers {
        let seen = looker.await.unwrap();
        assert!(seen > 20, "only {seen} answers were looked at meanwhile");
    }
    let whole = whole.load(Ordering::Relaxed);
    // How many depends on the machine; some of each kind must be there.
    assert!(whole > 20 && whole < REQUESTS - REQUESTS / 50, "{whole} of {REQUESTS} answers came whole");

    nothing_is_left(&app).await;
    let mut app = Arc::try_unwrap(app).ok().expect("everybody else has gone");
    app.run_jobs().await;
    app.forgive_dead_jobs();
}

/// All connections are back: none in a transaction, both usable.
async fn nothing_is_left(app: &TestApp) {
    let ours = "FROM pg_stat_activity WHERE datname = current_database() AND usename = 'smecloud_app'";
    let quiet = async {
        while app.count(&format!("SELECT count(*) {ours} AND state <> 'idle'")) > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), quiet).await.unwrap();
    let connections = app.count(&format!("SELECT count(*) {ours}"));
    assert!(connections <= 2, "{connections} connections for a pool of two");
    both_connections_serve(app).await;
}
