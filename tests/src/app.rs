//! The whole platform for one test.

use crate::{Client, Cluster, FaultProxy, TestDatabase, client::Answer, objects, statements};
use actix_web::web::ServiceConfig;
use api::{app::App, config::Config, server};
use chrono::{DateTime, Duration, Utc};
use jobs::{Worker, WorkerConfig};
use kernel::{Clock, ManualClock, SharedClock};
use mail_catcher::{CaughtMail, MailCatcher};
use serde_json::Value;
use std::{collections::HashMap, sync::Arc};
use stripe_simulator::{StripeSimulator, WebhookTarget};

const SECRETS_KEY: &str = "5f5e5d5c5b5a59585756555453525150505152535455565758595a5b5c5d5e5f";
const STRIPE_KEY: &str = "sk_test_integration";
const WEBHOOK_SECRET: &str = "whsec_integration";

/// API, worker and everything around them, on a database, bucket and clock of their own. Dropped, it demands that no job is
/// left undone and that every statement named its tenant.
pub struct TestApp {
    /// The clock of all parts; it stands still until told otherwise.
    pub clock: Arc<ManualClock>,
    /// The database, for looking past row-level security.
    pub database: TestDatabase,
    /// The payment simulator.
    pub stripe: StripeSimulator,
    /// The state of the API, for tests of domain functions.
    pub state: App,
    /// The settings of all parts.
    pub(crate) config: Config,
    variables: HashMap<String, String>,
    mail: MailCatcher,
    settings: server::Settings,
    server: Option<server::Running>,
    worker: Worker,
    visitor: Client,
    forgives_dead_jobs: bool,
    proxy: Option<FaultProxy>,
    _files: tempfile::TempDir,
}

impl TestApp {
    /// Starts everything, with one connection to spare for each kind of work.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts everything with some settings changed.
    pub async fn start_with(changes: &[(&str, &str)]) -> Self {
        Self::assemble(new_database().await, None, changes).await
    }

    /// Starts everything with a proxy between API and worker and PostgreSQL; see [`TestApp::proxy`].
    pub async fn behind_a_proxy() -> Self {
        let database = new_database().await;
        let proxy = FaultProxy::start(&database.socket()).await.expect("the proxy listens");
        let url = database.app_url_through(proxy.address());
        Self::assemble(database, Some(proxy), &[("DATABASE_URL", &url)]).await
    }

    async fn assemble(database: TestDatabase, proxy: Option<FaultProxy>, changes: &[(&str, &str)]) -> Self {
        statements::watch_statements();
        let files = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(ManualClock::at("2026-11-02T02:00:00Z".parse().expect("an instant")));
        let now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync> = {
            let clock = Arc::clone(&clock);
            Arc::new(move || clock.now())
        };
        let mail = MailCatcher::start(&files.path().join("mail"), Arc::clone(&now)).await.expect("mail catcher");
        let stripe = start_simulator(&files, now).await;
        let mut variables = variables(&database, &stripe, &mail);
        variables.extend(changes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let config = Config::from_variables(|key| variables.get(key).cloned()).expect("settings");
        let state = App::new(&config, Arc::clone(&clock) as SharedClock).await.expect("the API's state");
        let settings = server::Settings { workers: 1, ..server::Settings::new(&config) };
        let server = server::start(&state, &settings).expect("the API listens");
        let base = format!("http://{}", server.address());
        let url = format!("{base}/v1/providers/stripe/webhook");
        stripe.set_webhook(WebhookTarget { url, secret: WEBHOOK_SECRET.into() });
        let deps = worker::WorkerDeps::new(&config, state.db.clone()).expect("the worker's parts");
        let worker = Worker::new(worker::registry(deps), WorkerConfig { concurrency: 1, ..WorkerConfig::default() });
        let visitor = Client::visitor(&base);
        Self {
            clock,
            database,
            stripe,
            state,
            config,
            variables,
            mail,
            settings,
            server: Some(server),
            worker,
            visitor,
            forgives_dead_jobs: false,
            proxy,
            _files: files,
        }
    }

    /// The settings with which a program works on the same database and bucket.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = ["DATABASE_", "PUBLIC_URL", "S3_", "SECRETS_KEY", "SMTP_URL", "RATE_LIMITS"];
        let shared = self.variables.iter().filter(move |(name, _)| own.iter().any(|own| name.starts_with(own)));
        shared.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Moves the clock to the machine's, which programs live by.
    pub fn follow_the_machine(&self) {
        self.clock.advance(Utc::now() - self.clock.now());
    }

    /// The moment at which the clock stands, as the API writes it.
    pub fn now(&self) -> String {
        self.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
    }

    /// A second server on the same state, with services beside the API's own, and somebody who is not signed in there.
    pub fn also_serving(
        &self,
        extra: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
    ) -> (server::Running, Client) {
        let server = server::start_with(&self.state, &self.settings, extra).expect("the second server listens");
        let client = Client::visitor(&format!("http://{}", server.address()));
        (server, client)
    }

    /// Somebody who is not signed in.
    pub const fn visitor(&self) -> &Client {
        &self.visitor
    }

    /// The proxy of [`TestApp::behind_a_proxy`].
    pub fn proxy(&self) -> &FaultProxy {
        self.proxy.as_ref().expect("started behind a proxy")
    }

    /// Runs jobs and lets the provider's webhooks arrive until nothing is left to do; fails if a job failed.
    pub async fn run_jobs(&self) {
        let failed = self.run_jobs_that_may_fail().await;
        assert!(failed.is_empty(), "jobs failed: {failed:#?}");
    }

    /// The same for tests that break something on purpose: returns what failed.
    pub async fn run_jobs_that_may_fail(&self) -> Vec<(String, String)> {
        let mut failed = Vec::new();
        loop {
            self.stripe.deliveries_settled().await;
            let drained = self.worker.drain().await.expect("the queue answers");
            failed.extend(drained.failed);
            if drained.ran == 0 && self.stripe.undelivered() == 0 {
                return failed;
            }
        }
    }

    /// Moves all clocks, then runs what has become due.
    pub async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.run_jobs().await;
    }

    /// Mails to an address, newest first.
    pub fn mails(&self, to: &str) -> Vec<CaughtMail> {
        self.mail.messages(Some(to))
    }

    /// The one-time token in the newest mail to an address.
    pub fn token_from_mail(&self, to: &str) -> String {
        let mail = self.mails(to).into_iter().next().unwrap_or_else(|| panic!("no mail to {to}"));
        let (_, rest) = mail.text.split_once("token=").unwrap_or_else(|| panic!("no token in {}", mail.text));
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// One number that a query past row-level security gives.
    pub fn count(&self, sql: &str) -> i64 {
        self.database.count(sql)
    }

    /// Sends a request that succeeds and tells what it sent to PostgreSQL.
    pub async fn messages_of(&self, request: crate::Request) -> Vec<String> {
        self.messages_during(request.ok()).await.1
    }

    /// What is sent to PostgreSQL while something is done. Twice a minute the process looks for new signing keys (BEGIN, one query,
    /// COMMIT), which is left in.
    pub async fn messages_during<T>(&self, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let url = self.database.app_url();
        statements::record(&url);
        let done = work.await;
        (done, statements::recorded(&url))
    }

    /// How many messages are sent to PostgreSQL while something is done, without the looks for signing keys.
    pub async fn round_trips_of<T>(&self, work: impl Future<Output = T>) -> (T, usize) {
        let (done, messages) = self.messages_during(work).await;
        let looks = messages.iter().filter(|message| message.contains("signing_keys")).count();
        (done, messages.len() - 3 * looks)
    }

    /// Demands that all books balance: every entry sums to zero, and balances are the sums of postings.
    pub fn books_balance(&self) {
        let unbalanced = "SELECT count(*) FROM (SELECT 1 FROM ledger_postings GROUP BY tenant_id, entry_id, currency
            HAVING sum(CASE side WHEN 'debit' THEN amount ELSE -amount END) <> 0) AS unbalanced";
        assert_eq!(self.count(unbalanced), 0, "entries that do not sum to zero");
    }

    /// For tests that leave dead jobs on purpose.
    pub const fn forgive_dead_jobs(&mut self) {
        self.forgives_dead_jobs = true;
    }

    /// Signs somebody up and returns the answer.
    pub async fn sign_up(&self, body: Value) -> Answer {
        self.visitor.post("/v1/auth/sign-up", body).send().await
    }

    fn left_undone(&self) -> i64 {
        let now = self.clock.now().to_rfc3339();
        let dead = if self.forgives_dead_jobs { "" } else { "OR state = 'dead'" };
        self.count(&format!("SELECT count(*) FROM jobs WHERE (state <> 'dead' AND run_at <= '{now}') {dead}"))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(server.stop())).ok();
        }
        if std::thread::panicking() {
            return;
        }
        assert_eq!(self.left_undone(), 0, "jobs are left undone; does the test miss run_jobs()?");
        let untold = self.visitor.writes().untold(&self.database);
        assert!(
            untold.is_empty(),
            "operations that succeeded and left no row in the audit log: {untold:?}; the use case must call tx.audit(..), \
             or tests/unaudited.toml must say why it need not"
        );
        let faults = statements::faults();
        assert!(faults.is_empty(), "statements that name no tenant: {faults:#?}");
    }
}

async fn new_database() -> TestDatabase {
    tokio::task::spawn_blocking(|| Cluster::get().database()).await.expect("database")
}

async fn start_simulator(
    files: &tempfile::TempDir,
    clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
) -> StripeSimulator {
    let config = stripe_simulator::Config {
        root: files.path().join("stripe"),
        listen: ([127, 0, 0, 1], 0).into(),
        secret_key: STRIPE_KEY.into(),
        webhook: None,
        clock,
        seed: None,
        fsync: false,
    };
    StripeSimulator::start(config).await.expect("simulator")
}

fn variables(database: &TestDatabase, stripe: &StripeSimulator, mail: &MailCatcher) -> HashMap<String, String> {
    [
        ("LISTEN_ADDR", "127.0.0.1:0".to_owned()),
        ("PUBLIC_URL", "http://127.0.0.1:8080".to_owned()),
        ("DATABASE_URL", database.app_url()),
        ("DATABASE_POOL_SIZE", "8".to_owned()),
        ("S3_ENDPOINT", objects::store().endpoint()),
        ("S3_REGION", objects::store().region.clone()),
        ("S3_BUCKET", objects::next_bucket()),
        ("S3_ACCESS_KEY", objects::store().access_key.clone()),
        ("S3_SECRET_KEY", objects::store().secret_key.clone()),
        ("STRIPE_SECRET_KEY", STRIPE_KEY.to_owned()),
        ("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET.to_owned()),
        ("STRIPE_API_BASE", stripe.base_url()),
        ("SMTP_URL", mail.smtp_url()),
        ("SECRETS_KEY", SECRETS_KEY.to_owned()),
        ("RATE_LIMITS", "off".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}
