//! A simulator in its own folder with a fixed clock, a client of each kind and a receiver of webhooks.

use std::path::Path;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use chrono::DateTime;
use serde_json::Value;
use stripe_simulator::{Config, StripeSimulator, WebhookTarget};
use tempfile::TempDir;
use tokio::sync::watch;

pub(crate) const KEY: &str = "sk_test_12345";
pub(crate) const SECRET: &str = "whsec_of_the_tests";
pub(crate) const NOW: i64 = 1_800_000_000;

/// Everything a test needs.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) simulator: StripeSimulator,
    pub(crate) client: stripe::Client,
    http: reqwest::Client,
}

pub(crate) fn config(folder: &Path) -> Config {
    Config {
        root: folder.to_owned(),
        listen: "127.0.0.1:0".parse().unwrap(),
        secret_key: KEY.to_owned(),
        webhook: None,
        clock: Arc::new(|| DateTime::from_timestamp(NOW, 0).unwrap()),
        seed: Some(7),
        fsync: true,
    }
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap(), None).await
    }

    pub(crate) async fn with(webhook: WebhookTarget) -> Self {
        Self::on(tempfile::tempdir().unwrap(), Some(webhook)).await
    }

    pub(crate) async fn on(folder: TempDir, webhook: Option<WebhookTarget>) -> Self {
        let simulator = StripeSimulator::start(Config { webhook, ..config(folder.path()) }).await.unwrap();
        let client = stripe::ClientBuilder::new(KEY).url(format!("{}/", simulator.base_url())).build().unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { folder, simulator, client, http }
    }

    /// Stops and starts again on the same folder.
    pub(crate) async fn restart(self, webhook: Option<WebhookTarget>) -> Self {
        self.simulator.stop().await;
        Self::on(self.folder, webhook).await
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.simulator.base_url());
        self.http.request(method.parse().unwrap(), url)
    }

    /// A form post; gives the status and the answer.
    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        read(self.request("POST", path).bearer_auth(KEY).form(form)).await
    }

    /// A post that must succeed.
    pub(crate) async fn make(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let (status, answer) = self.post(path, form).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = read(self.request("GET", path).bearer_auth(KEY)).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// A call on behalf of a connected account.
    pub(crate) async fn as_seller(
        &self,
        account: &str,
        method: &str,
        path: &str,
        form: &[(&str, &str)],
    ) -> (u16, Value) {
        read(self.request(method, path).bearer_auth(KEY).header("stripe-account", account).form(form)).await
    }

    /// A confirmed card payment in cents.
    pub(crate) async fn pay(&self, amount: &str, method: &str) -> Value {
        let form = [("amount", amount), ("currency", "usd"), ("payment_method", method), ("confirm", "true")];
        self.make("/v1/payment_intents", &form).await
    }

    /// An onboarded seller; gives its id.
    pub(crate) async fn seller(&self) -> String {
        let account = self.make("/v1/accounts", &[("type", "express"), ("country", "HK")]).await;
        let id = id(&account);
        let (status, _) = page(self.request("POST", &format!("/sim/onboard/{id}"))).await;
        assert_eq!(status, 200);
        id
    }

    /// Types of all events, oldest first.
    pub(crate) async fn events(&self) -> Vec<String> {
        let page = self.get("/v1/events?limit=100").await;
        page["data"].as_array().unwrap().iter().rev().map(|event| field(event, "type")).collect()
    }
}

pub(crate) fn field(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap_or_else(|| panic!("no {name} in {object}")).to_owned()
}

pub(crate) fn id(object: &Value) -> String {
    field(object, "id")
}

pub(crate) async fn read(request: reqwest::RequestBuilder) -> (u16, Value) {
    let (status, text) = page(request).await;
    (status, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
}

pub(crate) async fn page(request: reqwest::RequestBuilder) -> (u16, String) {
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// A webhook as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) signature: String,
    pub(crate) body: String,
}

impl Arrival {
    pub(crate) fn kind(&self) -> String {
        field(&serde_json::from_str(&self.body).unwrap(), "type")
    }
}

/// A receiver of webhooks that refuses the first `refusals` of them.
pub(crate) struct Inbox {
    pub(crate) target: WebhookTarget,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
    count: watch::Sender<usize>,
    server: actix_web::dev::ServerHandle,
}

impl Inbox {
    pub(crate) fn new(refusals: usize) -> Self {
        let arrivals: Arc<Mutex<Vec<Arrival>>> = Arc::default();
        let count = watch::Sender::new(0);
        let (kept, counted) = (arrivals.clone(), count.clone());
        let server = HttpServer::new(move || {
            let (kept, counted) = (kept.clone(), counted.clone());
            App::new().default_service(web::to(move |request: HttpRequest, body: String| {
                let (kept, counted) = (kept.clone(), counted.clone());
                async move {
                    let signature = request.headers().get("stripe-signature").unwrap().to_str().unwrap().to_owned();
                    let mut kept = kept.lock().unwrap();
                    kept.push(Arrival { signature, body });
                    counted.send_replace(kept.len());
                    let status = if kept.len() <= refusals { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
                    HttpResponse::new(status)
                }
            }))
        });
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { target: WebhookTarget { url, secret: SECRET.to_owned() }, arrivals, count, server: handle }
    }

    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals.lock().unwrap().clone()
    }

    /// Waits until this many webhooks have arrived.
    pub(crate) async fn wait_for(&self, count: usize) {
        self.count.subscribe().wait_for(|arrived| *arrived >= count).await.unwrap();
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.arrivals().iter().map(Arrival::kind).collect()
    }

    pub(crate) async fn stop(self) {
        self.server.stop(false).await;
    }
}
