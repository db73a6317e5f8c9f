//! The running platform: parts, API and worker.

use crate::{backup::control::Control, base::Base, dev::DevTools};
use anyhow::Context;
use api::server::{self, Running, Settings};
use db::{Db, DbConfig};
use jobs::WorkerConfig;
use kernel::{Actor, SharedClock};
use std::{net::SocketAddr, time::Duration};
use tokio::{sync::oneshot, task::JoinHandle, time::timeout};
use worker::WorkerDeps;

/// How long requests under way may take once the platform stops.
const REQUESTS_END_WITHIN: Duration = Duration::from_secs(12);
/// How long jobs under way may.
const JOBS_END_WITHIN: Duration = Duration::from_secs(12);
/// How often the worker looks at its schedules, which a turned clock makes due at once.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Everything that runs.
pub(crate) struct House {
    base: Base,
    api: Running,
    worker: JoinHandle<usize>,
    stop_worker: oneshot::Sender<()>,
    /// Hears who asks for a backup.
    control: Option<Control>,
}

impl House {
    /// Starts the API and the worker.
    pub(crate) fn open(base: Base) -> anyhow::Result<Self> {
        let address = base.config.listen_addr;
        base.app.follow_keys();
        let tools = DevTools::of(&base);
        base.app.traffic.keep_writing();
        let api = server::start_with(&base.app, &Settings::new(&base.config), move |cfg| tools.clone().configure(cfg))
            .with_context(|| format!("cannot listen on LISTEN_ADDR {address}"))?;
        if let Some(ground) = &base.ground {
            base.parts.send_events_to(api.address(), ground);
        }
        let (stop_worker, stopped) = oneshot::channel();
        let worker = start_worker(&base, async {
            // A lost sender says the same.
            let _ = stopped.await;
        })?;
        let sources = base.ground.as_ref().and_then(|ground| base.parts.sources(ground));
        let control = sources.map(Control::open).transpose()?;
        Ok(Self { base, api, worker, stop_worker, control })
    }

    /// Where the API listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.api.address()
    }

    /// Parts and state.
    pub(crate) const fn base(&self) -> &Base {
        &self.base
    }

    /// Lets the work in hand end and stops everything. Work that takes too long is repeated by the next start.
    pub(crate) async fn close(self) {
        if let Some(control) = self.control {
            control.close().await;
        }
        match timeout(REQUESTS_END_WITHIN, self.api.stop()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the API ended badly"),
            Err(_) => tracing::warn!("ending before all requests have"),
        }
        drop(self.stop_worker);
        if let Err(error) = self.worker.await {
            tracing::error!(%error, "the worker ended badly");
        }
        self.base.stop().await;
    }
}

fn start_worker(base: &Base, shutdown: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<JoinHandle<usize>> {
    let config = WorkerConfig {
        poll: LOOK_EVERY,
        patience: JOBS_END_WITHIN,
        listen: base.config.database_url.clone(),
        ..WorkerConfig::default()
    };
    let url = base.config.database_url.clone().context("DATABASE_URL is not set")?;
    // A pool of its own: jobs never make requests wait for a connection.
    let database =
        DbConfig { url, pool_size: base.config.database_pool_size, answer: worker::JOB_ANSWER, ..DbConfig::new("") };
    let db = Db::new(&database, SharedClock::clone(base.app.db.clock()));
    let deps = WorkerDeps::new(&base.config, db.clone())?;
    // The data directory's lock says that no other worker lives.
    let alone = base.parts.has_database();
    Ok(tokio::spawn(async move {
        if alone {
            take_over(&db).await;
        }
        worker::run(deps, config, shutdown).await
    }))
}

/// Lets the jobs of a process that was killed run again at once instead of when their leases end.
async fn take_over(db: &Db) {
    match db.jobs("jobs.end_all_leases", Actor::system("start"), jobs::inspect::end_all_leases).await {
        Ok(0) => {}
        Ok(held) => tracing::info!(jobs = held, "jobs of a process that is gone run again"),
        Err(error) => tracing::warn!(%error, "jobs of a process that is gone run again once their leases end"),
    }
}
