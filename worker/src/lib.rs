//! The background worker: registry of jobs and schedules.

mod registry;

use api::{
    app::{self, AppError},
    config::Config,
};
use db::Db;
use files::ObjectStore;
use jobs::{Worker, WorkerConfig};
use kernel::secrets::MasterKey;
use notifications::{MailError, Mailer};
use payments::Desk;
use std::{future::Future, time::Duration};

pub use registry::registry;

/// How long a job waits for one transaction: longer than people do, since its lease is renewed meanwhile.
pub const JOB_ANSWER: Duration = Duration::from_mins(10);

/// What jobs need.
#[derive(Debug, Clone)]
pub struct WorkerDeps {
    /// The database.
    pub db: Db,
    /// Sends mails.
    pub mailer: Mailer,
    /// Keeps the bytes of files.
    pub store: ObjectStore,
    /// Opens the key that signs the roots of audit logs.
    pub master_key: MasterKey,
    /// Carries out what is asked of the payment provider.
    pub desk: Desk,
}

/// Why the worker cannot work.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The parts it shares with the API.
    #[error(transparent)]
    App(#[from] AppError),
    /// The mail server's settings.
    #[error(transparent)]
    Mail(#[from] MailError),
}

impl WorkerDeps {
    /// The parts for a complete configuration.
    pub fn new(config: &Config, db: Db) -> Result<Self, WorkerError> {
        let smtp = config.smtp_url.as_ref().ok_or(AppError::Missing("SMTP_URL"))?;
        Ok(Self {
            db,
            mailer: Mailer::new(smtp.expose(), &config.mail_from)?,
            store: app::object_store(config)?,
            master_key: config.secrets_key.clone().ok_or(AppError::Missing("SECRETS_KEY"))?,
            desk: app::desk(config)?,
        })
    }
}

/// Works until `shutdown` completes and the jobs in hand are done. Returns how many were not done in time: they run again
/// elsewhere once their leases end.
pub async fn run(deps: WorkerDeps, config: WorkerConfig, shutdown: impl Future<Output = ()> + Send) -> usize {
    Worker::new(registry(deps), config).run(shutdown).await
}
