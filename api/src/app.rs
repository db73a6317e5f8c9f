//! What every handler may use.

use crate::{answer::Waiters, config::Config, problem::chain};
use auth::{Authenticator, Authority, HashError, Keyring, KeyringError};
use db::{Db, DbConfig, SelfCheckError};
use files::{ObjectStore, ObjectStoreConfig, ObjectStoreError, Traffic};
use kernel::{
    SharedClock,
    pages::CursorSigner,
    secrets::{MasterKey, Secret},
};
use orders::{OrderPayments, Terms};
use payments::{Desk, Gateway, GatewayConfig, GatewayError};
use std::{sync::Arc, time::Duration};
use url::Url;

/// The longest that one call to the payment provider may take.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(20);

/// How often a process looks for signing keys that another has made.
const FOLLOW_KEYS_EVERY: Duration = Duration::from_secs(30);

/// The state of the HTTP edge, shared by all its threads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The door to the database.
    pub db: Db,
    /// Signs the cursors of lists.
    pub cursors: CursorSigner,
    /// The platform's master key.
    pub master_key: MasterKey,
    /// Where people reach the platform; links in mails begin with it.
    pub public_url: Url,
    /// Tells who sends a request.
    pub authenticator: Authenticator,
    /// What signing in needs.
    pub authority: Authority,
    /// Keeps the bytes of files.
    pub store: ObjectStore,
    /// Counts what is read of them.
    pub traffic: Traffic,
    /// Carries out what is asked of the payment provider.
    pub desk: Desk,
    /// Secret of the payment provider's signatures.
    pub stripe_webhook_secret: Secret,
    /// The platform's terms of trade.
    pub terms: Terms,
    /// Requests that wait for another with the same `Idempotency-Key`.
    pub(crate) waiters: Waiters,
}

/// Why there can be no state to serve with.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// A setting is needed here that is optional elsewhere.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// The database is not one to serve from.
    #[error(transparent)]
    Database(#[from] SelfCheckError),
    /// The signing keys.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The hashing of passwords.
    #[error(transparent)]
    Hasher(#[from] HashError),
    /// The payment provider's settings.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The object store's settings.
    #[error(transparent)]
    Store(#[from] ObjectStoreError),
}

impl App {
    /// The state for a complete configuration: in embedded mode, one that names the embedded parts. Checks the database.
    pub async fn new(config: &Config, clock: SharedClock) -> Result<Self, AppError> {
        let url = config.database_url.clone().ok_or(AppError::Missing("DATABASE_URL"))?;
        let master_key = config.secrets_key.clone().ok_or(AppError::Missing("SECRETS_KEY"))?;
        let stripe = config.payment_provider().ok_or(AppError::Missing("STRIPE_SECRET_KEY"))?;
        make_bucket(config).await?;
        let database = DbConfig { url, pool_size: config.database_pool_size, ..DbConfig::new("") };
        let db = Db::new(&database, clock);
        db.self_check().await?;
        let public_url = config.public_url.as_str().trim_end_matches('/');
        let keyring = Keyring::load_or_create(&db, &master_key, public_url).await?;
        let authority = Authority::new(keyring, master_key.clone(), public_url)?;
        Ok(Self {
            traffic: Traffic::new(db.clone()),
            db,
            cursors: CursorSigner::new(master_key.clone()),
            master_key,
            public_url: config.public_url.clone(),
            authenticator: Authenticator::new(Arc::clone(&authority.keyring)),
            authority,
            store: object_store(config)?,
            desk: desk(config)?,
            stripe_webhook_secret: stripe.webhook_secret,
            terms: Terms::default(),
            waiters: Waiters::default(),
        })
    }

    /// Keeps the signing keys current until nobody uses them any more: another process may rotate them.
    pub fn follow_keys(&self) {
        let (db, keyring) = (self.db.clone(), Arc::downgrade(&self.authority.keyring));
        // Not by `new`: a test that counts statements would meet these at any moment.
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(FOLLOW_KEYS_EVERY);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                let Some(keyring) = keyring.upgrade() else { return };
                if let Err(error) = keyring.reload(&db).await {
                    tracing::warn!(error = %chain(&error), "the signing keys could not be loaded anew");
                }
            }
        });
    }
}

/// The client of the object store, for the worker too.
pub fn object_store(config: &Config) -> Result<ObjectStore, AppError> {
    Ok(ObjectStore::new(&object_store_config(config)?)?.with_scanner(config.clamd_addr.clone()))
}

/// Makes the platform's bucket if it is not there. A store that is down now may come up later.
async fn make_bucket(config: &Config) -> Result<(), AppError> {
    if let Err(error) = ObjectStore::ensure_bucket(&object_store_config(config)?).await {
        tracing::warn!(error = %chain(&error), "the object store has no bucket for the platform yet");
    }
    Ok(())
}

fn object_store_config(config: &Config) -> Result<ObjectStoreConfig, AppError> {
    let s3 = config.s3.as_ref().ok_or(AppError::Missing("S3_ENDPOINT"))?;
    Ok(ObjectStoreConfig {
        endpoint: s3.endpoint.as_str().trim_end_matches('/').to_owned(),
        public_endpoint: s3.public_endpoint.as_str().trim_end_matches('/').to_owned(),
        region: s3.region.clone(),
        bucket: s3.bucket.clone(),
        access_key: Secret::new(s3.access_key.clone()),
        secret_key: s3.secret_key.clone(),
    })
}

/// The client of the payment provider with what follows from payments, for the worker too.
pub fn desk(config: &Config) -> Result<Desk, AppError> {
    let stripe = config.payment_provider().ok_or(AppError::Missing("STRIPE_SECRET_KEY"))?;
    let gateway = Gateway::new(&GatewayConfig {
        api_base: stripe.api_base.as_ref().map(ToString::to_string),
        secret_key: stripe.secret_key,
        timeout: PROVIDER_TIMEOUT,
    })?;
    Ok(Desk { gateway, listener: Arc::new(OrderPayments) })
}
