//! The embedded parts: each stands in for an outside service whose setting is unset.

use crate::{backup::online::Sources, ground::Ground, secrets::Secrets};
use anyhow::Context;
use api::config::{Config, S3Settings, StripeSettings};
use db::migrate::{RolePasswords, bootstrap, create_database};
use embedded_postgres::EmbeddedPostgres;
use kernel::{Clock, secrets::Secret};
use mail_catcher::{MailCatcher, Mailbox};
use object_store::ObjectStore;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use stripe_simulator::{StripeSimulator, WebhookTarget};
use tokio::task::spawn_blocking;
use url::Url;

/// The platform's database and bucket.
pub(crate) const DATABASE: &str = "smecloud";
const BUCKET: &str = "smecloud";
/// The roles' passwords stand in the secrets; these are their names.
const OWNER: &str = "smecloud_owner";
pub(crate) const APP: &str = "smecloud_app";
/// Where the simulator sends its events.
const WEBHOOK_PATH: &str = "/v1/providers/stripe/webhook";

/// Running parts, in the order of their stopping.
#[derive(Default)]
pub(crate) struct Parts {
    simulator: Option<StripeSimulator>,
    objects: Option<ObjectStore>,
    mail: Option<MailCatcher>,
    postgres: Option<EmbeddedPostgres>,
}

impl Parts {
    /// Starts what the settings leave out, and completes the settings with the addresses.
    pub(crate) async fn start(config: &mut Config, ground: &Ground) -> anyhow::Result<Self> {
        let postgres = start_database(config, ground).await?;
        let database = start_unless(postgres.is_none(), migrate(config));
        let objects = start_unless(config.s3.is_some(), start_objects(ground));
        let simulator = start_unless(config.stripe.is_some(), start_simulator(ground, config.listen_addr));
        let mail = start_unless(config.smtp_url.is_some(), start_mail(ground));
        let (_, objects, simulator, mail) = tokio::try_join!(database, objects, simulator, mail)?;
        if let Some(store) = &objects {
            config.s3 = Some(s3_settings(store, &ground.secrets)?);
        }
        if let Some(simulator) = &simulator {
            config.stripe = Some(stripe_settings(simulator, &ground.secrets)?);
        }
        if let Some(catcher) = &mail {
            config.smtp_url = Some(Secret::new(catcher.smtp_url()));
        }
        Ok(Self { simulator, objects, mail, postgres })
    }

    /// Starts the database alone, for commands that need no more.
    pub(crate) async fn start_database(config: &mut Config, ground: &Ground) -> anyhow::Result<Self> {
        Ok(Self { postgres: start_database(config, ground).await?, ..Self::default() })
    }

    /// Starts the database and the object store alone.
    pub(crate) async fn start_storage(config: &mut Config, ground: &Ground) -> anyhow::Result<Self> {
        let mut parts = Self::start_database(config, ground).await?;
        parts.objects = start_unless(config.s3.is_some(), start_objects(ground)).await?;
        if let Some(store) = &parts.objects {
            config.s3 = Some(s3_settings(store, &ground.secrets)?);
        }
        Ok(parts)
    }

    /// The caught mails, if mail is caught.
    pub(crate) fn mailbox(&self) -> Option<Mailbox> {
        self.mail.as_ref().map(MailCatcher::mailbox)
    }

    /// Whether the database is embedded.
    pub(crate) const fn has_database(&self) -> bool {
        self.postgres.is_some()
    }

    /// What a backup of the running platform is made from, if the database is embedded.
    pub(crate) fn sources(&self, ground: &Ground) -> Option<Sources> {
        let postgres = self.postgres.as_ref()?;
        Some(Sources {
            dir: Arc::clone(&ground.dir),
            clock: Arc::clone(&ground.clock),
            superuser_url: Secret::new(postgres.superuser_url("postgres")),
            data: postgres.data().to_owned(),
            password_file: postgres.password_file(),
            objects: self.objects.as_ref().map(ObjectStore::copies),
            payments: self.simulator.as_ref().map(StripeSimulator::copies),
            mailbox: self.mailbox(),
        })
    }

    /// Sends the simulator's events to the API, now that it listens.
    pub(crate) fn send_events_to(&self, api: SocketAddr, ground: &Ground) {
        if let Some(simulator) = &self.simulator {
            simulator.set_webhook(webhook(api, &ground.secrets));
        }
    }

    /// Stops all parts; the database, which the others' users need longest, at the end.
    pub(crate) async fn stop(self) {
        if let Some(simulator) = self.simulator {
            simulator.stop().await;
        }
        if let Some(objects) = self.objects {
            objects.stop().await;
        }
        if let Some(mail) = self.mail {
            mail.stop().await;
        }
        if let Some(postgres) = self.postgres
            && let Err(error) = spawn_blocking(move || postgres.stop()).await
        {
            tracing::error!(%error, "PostgreSQL ended badly");
        }
    }
}

async fn start_unless<T>(outside: bool, start: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<Option<T>> {
    if outside { Ok(None) } else { start.await.map(Some) }
}

/// PostgreSQL with roles and an empty database, unless `DATABASE_URL` names another one.
async fn start_database(config: &mut Config, ground: &Ground) -> anyhow::Result<Option<EmbeddedPostgres>> {
    if config.database_url.is_some() {
        return Ok(None);
    }
    let root = ground.dir.root().to_owned();
    // The pools of API and worker, and some for the worker's ear, migrations and a look with psql.
    let connections = (2 * config.database_pool_size + 20).max(100).to_string();
    let settings = vec![("max_connections".to_owned(), connections)];
    let passwords =
        RolePasswords { owner: ground.secrets.owner_password.clone(), app: ground.secrets.app_password.clone() };
    let (postgres, passwords) = spawn_blocking(move || {
        let postgres = EmbeddedPostgres::start(&embedded_postgres::Config { root, settings })?;
        let superuser = postgres.superuser_url("postgres");
        bootstrap(&superuser, &passwords)?;
        create_database(&superuser, DATABASE)?;
        anyhow::Ok((postgres, passwords))
    })
    .await??;
    config.database_url = Some(Secret::new(postgres.url(APP, passwords.app.expose(), DATABASE)));
    config.database_owner_url = Some(Secret::new(postgres.url(OWNER, passwords.owner.expose(), DATABASE)));
    Ok(Some(postgres))
}

/// Brings the schema to this program's version, as its owner. Returns how many migrations ran.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<usize> {
    let owner = config.database_owner_url.clone().context("DATABASE_OWNER_URL is not set")?;
    Ok(spawn_blocking(move || db::migrate::migrate(owner.expose())).await??)
}

async fn start_objects(ground: &Ground) -> anyhow::Result<ObjectStore> {
    let config = object_store::Config {
        root: ground.dir.folder("objects")?,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        access_key: ground.secrets.s3_access_key.clone(),
        secret_key: ground.secrets.s3_secret_key.expose().clone(),
        fsync: true,
    };
    let store = ObjectStore::start(config).await.context("cannot start the object store")?;
    let client = files::ObjectStoreConfig {
        endpoint: store.endpoint(),
        public_endpoint: store.endpoint(),
        region: ObjectStore::region().to_owned(),
        bucket: BUCKET.to_owned(),
        access_key: Secret::new(ground.secrets.s3_access_key.clone()),
        secret_key: ground.secrets.s3_secret_key.clone(),
    };
    files::ObjectStore::ensure_bucket(&client).await.context("cannot make the platform's bucket")?;
    Ok(store)
}

fn s3_settings(store: &ObjectStore, secrets: &Secrets) -> anyhow::Result<S3Settings> {
    let endpoint = Url::parse(&store.endpoint())?;
    Ok(S3Settings {
        public_endpoint: endpoint.clone(),
        endpoint,
        region: ObjectStore::region().to_owned(),
        bucket: BUCKET.to_owned(),
        access_key: secrets.s3_access_key.clone(),
        secret_key: secrets.s3_secret_key.clone(),
    })
}

async fn start_simulator(ground: &Ground, api: SocketAddr) -> anyhow::Result<StripeSimulator> {
    let clock = ground.clock.clock();
    let config = stripe_simulator::Config {
        root: ground.dir.folder("stripe")?,
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        secret_key: ground.secrets.stripe_secret_key.expose().clone(),
        webhook: Some(webhook(api, &ground.secrets)),
        clock: Arc::new(move || clock.now()),
        seed: None,
        fsync: true,
    };
    StripeSimulator::start(config).await.context("cannot start the simulator of the payment provider")
}

/// The API's receiver of events, seen from this machine.
fn webhook(api: SocketAddr, secrets: &Secrets) -> WebhookTarget {
    let host = if api.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { api.ip() };
    let address = SocketAddr::new(host, api.port());
    let secret = secrets.stripe_webhook_secret.expose().clone();
    WebhookTarget { url: format!("http://{address}{WEBHOOK_PATH}"), secret }
}

fn stripe_settings(simulator: &StripeSimulator, secrets: &Secrets) -> anyhow::Result<StripeSettings> {
    Ok(StripeSettings {
        secret_key: secrets.stripe_secret_key.clone(),
        webhook_secret: secrets.stripe_webhook_secret.clone(),
        api_base: Some(Url::parse(&simulator.base_url())?),
        publishable_key: None,
    })
}

async fn start_mail(ground: &Ground) -> anyhow::Result<MailCatcher> {
    let clock = ground.clock.clock();
    let dir = ground.dir.folder("mail")?;
    MailCatcher::start(&dir, Arc::new(move || clock.now())).await.context("cannot start the mail catcher")
}
