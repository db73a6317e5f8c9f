//! Firms, people and things for requests whose COMMIT is cut, and the requests themselves.

use auth::totp::TotpSecret;
use chrono::Duration;
use kernel::{
    Clock,
    ids::{Id, JobId, TenantId},
    secrets::Secret,
};
use platform::NewAdministrator;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::{Answer, Client, Firm, PASSWORD, TestApp, product};

/// The administrator's password.
pub const GRANITE: &str = "granite lantern 41 orchard";

/// A platform behind a proxy with a seller, a buyer and an administrator.
pub struct Stage {
    pub app: TestApp,
    pub seller: Firm,
    pub buyer: Firm,
    pub administrator: String,
    pub totp: TotpSecret,
    next: AtomicUsize,
}

/// A request that can be sent again as it was.
pub struct Ask {
    client: Client,
    method: Method,
    path: String,
    body: Option<Value>,
    bytes: Option<Vec<u8>>,
    headers: Vec<(&'static str, String)>,
}

impl Ask {
    pub fn new(client: &Client, method: Method, path: impl Into<String>) -> Self {
        Self { client: client.clone(), method, path: path.into(), body: None, bytes: None, headers: Vec::new() }
    }

    /// A POST with a key of its own.
    pub fn post(client: &Client, path: impl Into<String>, body: Value) -> Self {
        let key = ("idempotency-key", uuid::Uuid::new_v4().to_string());
        Self { body: Some(body), headers: vec![key], ..Self::new(client, Method::POST, path) }
    }

    pub fn patch(client: &Client, path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::new(client, Method::PATCH, path) }
    }

    pub fn delete(client: &Client, path: impl Into<String>) -> Self {
        Self::new(client, Method::DELETE, path)
    }

    pub fn bytes(self, bytes: Vec<u8>) -> Self {
        Self { bytes: Some(bytes), ..self }
    }

    pub fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub async fn send(&self) -> Answer {
        let mut request = self.client.request(self.method.clone(), &self.path);
        if let Some(body) = &self.body {
            request = request.json(body.clone());
        }
        if let Some(bytes) = &self.bytes {
            request = request.bytes(bytes.clone());
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.send().await
    }
}

/// A member of what a JSON object names, as text.
pub fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

impl Stage {
    pub async fn new() -> Self {
        let app = TestApp::behind_a_proxy().await;
        let (seller, buyer) = app.two_firms().await;
        let (administrator, totp) = ("root@cloud.example".to_owned(), TotpSecret::generate().unwrap());
        let new = NewAdministrator {
            email: administrator.parse().unwrap(),
            password: Secret::new(GRANITE.into()),
            totp: Some(totp.clone()),
        };
        platform::ensure_administrator(&app.state.db, &app.state.authority, &new).await.unwrap();
        Self { app, seller, buyer, administrator, totp, next: AtomicUsize::new(1) }
    }

    /// New sessions for the firms: time passes while what was lost is taken over.
    pub async fn sign_in_again(&mut self) {
        self.seller = self.app.signed_in_again(&self.seller).await;
        self.buyer = self.app.signed_in_again(&self.buyer).await;
    }

    /// A name that was not given out before.
    pub fn name(&self, what: &str) -> String {
        format!("{what}-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// A new firm with a verified owner.
    pub async fn firm(&self) -> Firm {
        self.app.firm(&self.name("firm")).await
    }

    /// A body that signs somebody new up.
    pub fn newcomer(&self) -> Value {
        let name = self.name("newcomer");
        json!({ "email": format!("owner@{name}.example"), "password": PASSWORD, "display_name": "陈老板",
            "company_name": name })
    }

    /// Somebody invited to a firm, and their address.
    pub async fn invited(&self, firm: &Firm) -> (Value, String) {
        let email = format!("{}@guests.example", self.name("guest"));
        let body = json!({ "email": email, "role": "viewer" });
        let invitation = firm.owner.post("/v1/invitations", body).ok().await;
        self.app.run_jobs().await;
        (invitation, email)
    }

    /// Accepts the newest invitation to an address.
    pub fn acceptance(&self, email: &str) -> Ask {
        let body = json!({ "token": self.app.token_from_mail(email), "password": PASSWORD, "display_name": "客人" });
        Ask::post(self.app.visitor(), "/v1/invitations/accept", body)
    }

    /// A new member of a firm.
    pub async fn member(&self, firm: &Firm) -> Value {
        let (_, email) = self.invited(firm).await;
        let accepted = self.acceptance(&email).send().await;
        assert_eq!(accepted.status, 200, "{}", accepted.text());
        accepted.value()["member"].clone()
    }

    /// A request for verification with a licence that the firm has stored.
    pub async fn licence(&self, firm: &Firm) -> Value {
        firm.owner.post("/v1/buckets", json!({ "name": "papers" })).ok().await;
        let put = firm.owner.request(Method::PUT, "/v1/buckets/papers/files/licence.txt");
        let file = put.bytes("licence").ok().await;
        json!({ "unified_social_credit_code": "91440300708461136T", "legal_name": "云山茶业",
            "licence_file_id": file["id"] })
    }

    /// A draft of the seller.
    pub async fn draft(&self) -> Value {
        let body = product("凤凰单丛", &self.name("SKU"), 12_800, Some(10));
        self.seller.owner.post("/v1/products", body).ok().await
    }

    /// An order of the buyer, paid or not.
    pub async fn order(&self, paid: bool) -> Value {
        let product = self.seller.publishes("凤凰单丛", 12_800, Some(10)).await;
        let order = self.buyer.orders(&product, 2).await;
        if paid {
            self.buyer.pays(&order, "pm_card_visa").await;
            self.app.run_jobs().await;
        }
        order
    }

    /// An administrator's first step, after the last code has run out.
    pub async fn challenge(&self) -> Value {
        self.app.clock.advance(Duration::seconds(31));
        let body = json!({ "email": self.administrator, "password": GRANITE });
        let challenge = self.app.visitor().post("/admin/v1/log-in", body).ok().await;
        json!({ "mfa_token": challenge["mfa_token"], "code": self.totp.code(self.app.clock.now()).unwrap() })
    }

    /// The administrator, signed in.
    pub async fn admin(&self) -> Client {
        let proof = self.challenge().await;
        let signed_in = self.app.visitor().post("/admin/v1/mfa", proof).ok().await;
        self.app.visitor().with_token(signed_in["access_token"].as_str().unwrap())
    }

    /// A dead job that succeeds when it is tried again.
    pub fn dead_job(&self) -> String {
        let id = JobId::new(self.app.clock.now());
        let (uuid, tenant) = (id.uuid(), self.seller.id.parse::<TenantId>().unwrap().uuid());
        self.app.database.sql(&format!(
            "INSERT INTO jobs (id, kind, for_tenant, payload, state, run_at, attempts, created_at)
             VALUES ('{uuid}', 'files.delete_doomed_objects', '{tenant}', '{{}}', 'dead', now(), 40, now())"
        ));
        id.to_string()
    }
}
