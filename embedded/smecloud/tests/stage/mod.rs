//! The program as a child process, and people who use it over HTTP.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test fails by panicking, in its tools too; shared by the binaries of this folder"
)]

use serde_json::{Value, json};
use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::sync::watch;

const PASSWORD: &str = "correct horse 88 battery";
/// What is waited for comes well within this time, or something hangs.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// The program, killed and started again by somebody else while the story is told.
pub struct House {
    dir: tempfile::TempDir,
    child: Mutex<Option<Child>>,
    address: watch::Sender<Option<String>>,
}

impl House {
    pub fn start() -> Arc<Self> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self::open(dir)
    }

    /// Starts the program on a data directory.
    pub fn open(dir: tempfile::TempDir) -> Arc<Self> {
        let house = Arc::new(Self { dir, child: Mutex::new(None), address: watch::Sender::new(None) });
        house.launch();
        house
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Starts the program and reads its output until it is ready.
    pub fn launch(&self) {
        use std::io::{BufRead, BufReader};
        let mut child = Command::new(env!("CARGO_BIN_EXE_smecloud"))
            .env("DATA_DIR", self.path())
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

    pub fn kill(&self) {
        self.address.send_replace(None);
        let mut child = self.child.lock().unwrap().take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    pub async fn address(&self) -> String {
        self.address.subscribe().wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if self.child.lock().unwrap().is_some() {
            self.kill();
        }
        if let Ok(elsewhere) = std::fs::read_link(self.path().join("pg")) {
            let _ = std::fs::remove_dir_all(elsewhere);
        }
    }
}

/// A careful client: it asks again with the same key until it has an answer.
pub struct Person {
    /// The platform they use.
    pub house: Arc<House>,
    http: reqwest::Client,
    email: String,
    /// Shows who they are.
    pub token: String,
}

impl Person {
    pub async fn new(house: &Arc<House>, name: &str) -> Self {
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

    pub async fn log_in(&mut self) {
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
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let body = body.map(|body| (body.to_string().into_bytes(), "application/json"));
        let (status, bytes) = self.send(method, path, body).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<(Vec<u8>, &str)>) -> (u16, Vec<u8>) {
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

    pub async fn ok(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// Asks until the answer is as wanted: what the worker does takes a moment.
    pub async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
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
