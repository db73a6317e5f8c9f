//! A migrated database of its own for each test, with a clock that stands still.

use auth::{
    Authenticator, Authority, Document, Keyring, LogIn, LogInAnswer, LogInError, Password, Principal, RequestMeta,
    SignedIn, SignedInPerson,
};
use chrono::Duration;
use db::{Db, DbConfig, TenantScope};
use kernel::{
    ManualClock, SharedClock,
    secrets::{MasterKey, Secret},
};
use onboarding::{SignUp, SignUpError, SignedUp};
use std::sync::Arc;
use tenants::Locale;
use test_cluster::{Cluster, TestDatabase};

/// A password that may be chosen.
pub(crate) const PASSWORD: &str = "walnut tea harbour 88";
/// Where requests of the tests come from.
pub(crate) const ORIGIN: &str = "198.51.100.7";

pub(crate) struct Place {
    pub(crate) db: Db,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) authority: Authority,
    database: TestDatabase,
}

impl Place {
    pub(crate) async fn new() -> Self {
        let database = Cluster::get().database();
        let clock = Arc::new(ManualClock::at("2030-01-10T08:00:00Z".parse().unwrap()));
        let shared: SharedClock = clock.clone();
        let mut config = DbConfig::new(database.app_url());
        (config.pool_size, config.wait) = (16, std::time::Duration::from_secs(30));
        let db = Db::new(&config, shared);
        let master = MasterKey::from_hex(&"42".repeat(32)).unwrap();
        let keyring = Keyring::load_or_create(&db, &master, "https://cloud.example").await.unwrap();
        let authority = Authority::new(keyring, master, "https://cloud.example/").unwrap();
        Self { db, clock, authority, database }
    }

    pub(crate) fn advance(&self, step: Duration) {
        self.clock.advance(step);
    }

    /// The one value of a query that sees everything, as text.
    pub(crate) fn ask(&self, sql: &str) -> String {
        self.database.ask(sql)
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.database.sql(sql);
    }

    /// The token in the newest mail of a template to an address.
    pub(crate) fn mailed_token(&self, template: &str, to: &str) -> Secret {
        let link = self.ask(&format!(
            "SELECT params->>'link' FROM mails WHERE template = '{template}' AND recipient = '{to}' ORDER BY id DESC LIMIT 1"
        ));
        Secret::new(link.rsplit_once("token=").unwrap().1.to_owned())
    }

    pub(crate) async fn try_sign_up(&self, email: &str, company: &str) -> Result<SignedUp, SignUpError> {
        let command = SignUp {
            email: email.parse().unwrap(),
            password: Secret::new(PASSWORD.into()),
            display_name: "林梅".into(),
            company_name: company.into(),
            locale: Locale::ZhCn,
            time_zone: chrono_tz::Asia::Shanghai,
            consents: Document::ALL.to_vec(),
            user_agent: Some("test".into()),
        };
        onboarding::sign_up(&self.db, &self.authority, &command, request()).await
    }

    pub(crate) async fn sign_up(&self, email: &str, company: &str) -> SignedUp {
        self.try_sign_up(email, company).await.unwrap()
    }

    pub(crate) async fn log_in_from(&self, ip: &str, email: &str, password: &str) -> Result<SignedIn, LogInError> {
        let command = LogIn { email: email.parse().ok(), password: Password::entered(password), user_agent: None };
        let origin = RequestMeta { request_id: None, ip: ip.parse().ok() };
        match auth::log_in(&self.db, &self.authority, &command, origin).await? {
            LogInAnswer::SignedIn(signed_in) => Ok(*signed_in),
            LogInAnswer::CodeNeeded { .. } => panic!("{email} has a second factor"),
        }
    }

    /// Who an access token belongs to, as of now.
    pub(crate) async fn whoami(&self, access_token: &Secret) -> Option<Principal<SignedInPerson>> {
        let authenticator = Authenticator::new(Arc::clone(&self.authority.keyring));
        authenticator.authenticate(&self.db, access_token.expose(), request()).await.ok()
    }

    /// The scope of a signed-in person, as the API's extractor grants it.
    pub(crate) async fn scope(&self, access_token: &Secret) -> (TenantScope, Principal<SignedInPerson>) {
        let principal = self.whoami(access_token).await.unwrap();
        (TenantScope::grant(principal.tenant_id, principal.actor()), principal)
    }
}

pub(crate) fn request() -> RequestMeta {
    RequestMeta { request_id: None, ip: ORIGIN.parse().ok() }
}
