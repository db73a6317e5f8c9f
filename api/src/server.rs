//! The HTTP server.

#[cfg(test)]
mod tests;

use crate::{
    app::App,
    config::Config,
    edge::{self, Deadlines, Limiter, RouteTable, Rules, limits::Limits},
    openapi,
    process::{self, Documents, Portal},
    routes::routes,
};
use actix_web::{
    Error, HttpServer,
    body::BoxBody,
    dev::{Server, ServerHandle, ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Compress, from_fn},
    rt::net::TcpStream,
    web::{Data, ServiceConfig},
};
use files::Traffic;
use kernel::SharedClock;
use socket2::SockRef;
use std::{any::Any, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use utoipa_actix_web::AppExt;

/// How long requests under way may take after the server was told to stop.
const SHUTDOWN_SECONDS: u64 = 30;
const MAX_CONNECTIONS_PER_WORKER: usize = 10_000;

/// How to serve.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen; port 0 takes any free one.
    pub listen_addr: SocketAddr,
    /// Threads that handle requests.
    pub workers: usize,
    /// What the edge demands and adds.
    pub rules: Rules,
    /// How long callers may take.
    pub deadlines: Deadlines,
    /// Whether rates are limited.
    pub rate_limits: bool,
    /// The portal's built files.
    pub portal_dir: Option<std::path::PathBuf>,
}

impl Settings {
    /// From the settings, with a thread for each processor.
    pub fn new(config: &Config) -> Self {
        Self {
            listen_addr: config.listen_addr,
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            rules: Rules::new(config),
            deadlines: Deadlines::default(),
            rate_limits: config.rate_limits,
            portal_dir: config.portal_dir.clone(),
        }
    }
}

/// A server that listens.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
    traffic: Traffic,
}

impl Running {
    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets requests under way end, at most 30 seconds, writes down what was counted of them, and stops.
    pub async fn stop(self) -> io::Result<()> {
        self.handle.stop(true).await;
        let ended = self.task.await;
        self.traffic.write_all_down().await;
        ended.map_err(io::Error::other)?
    }
}

/// Starts to listen. Needs a tokio runtime.
pub fn start(app: &App, settings: &Settings) -> io::Result<Running> {
    start_with(app, settings, |_| {})
}

/// Like [`start`], with services beside the API's own.
pub fn start_with(
    app: &App,
    settings: &Settings,
    extra: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Running> {
    let (shared, traffic) = (Shared::new(settings, Arc::clone(app.db.clock()))?, app.traffic.clone());
    let app = Data::new(app.clone());
    let (address, server) = listen(settings, shared, move |cfg: &mut ServiceConfig| {
        cfg.app_data(app.clone());
        extra(cfg);
    })?;
    let handle = server.handle();
    Ok(Running { address, handle, task: tokio::spawn(server), traffic })
}

/// A server on the address of the settings.
fn listen(
    settings: &Settings,
    shared: Shared,
    extra: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<(SocketAddr, Server)> {
    let deadlines = settings.deadlines;
    let server = HttpServer::new(move || service(&shared, extra.clone()))
        .workers(settings.workers)
        .max_connections(MAX_CONNECTIONS_PER_WORKER)
        .on_connect(move |socket, _| give_up_on_stuck_readers(socket, deadlines.unread))
        .client_request_timeout(deadlines.head)
        .client_disconnect_timeout(deadlines.refused)
        .keep_alive(deadlines.idle)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .bind(settings.listen_addr)?;
    let address = server.addrs().first().copied().unwrap_or(settings.listen_addr);
    Ok((address, server.run()))
}

/// A reader that takes nothing for so long loses its connection, and with it the answer's buffers: the server itself would wait
/// for ever.
fn give_up_on_stuck_readers(socket: &dyn Any, after: Duration) {
    let Some(socket) = socket.downcast_ref::<TcpStream>() else { return };
    if let Err(error) = SockRef::from(socket).set_tcp_user_timeout(Some(after)) {
        tracing::warn!(%error, "a connection has no limit for readers that are stuck");
    }
}

/// Serves until `shutdown` is ready; calls `ready` with the address once it listens.
pub async fn serve(
    app: &App,
    settings: &Settings,
    ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let running = start(app, settings)?;
    app.traffic.keep_writing();
    ready(running.address());
    shutdown.await;
    running.stop().await
}

/// What all threads share beside the [`App`].
#[derive(Clone)]
pub(crate) struct Shared {
    rules: Data<Rules>,
    documents: Data<Documents>,
    table: Data<RouteTable>,
    portal: Data<Portal>,
    deadlines: Data<Deadlines>,
    limits: Data<Option<Limits>>,
    limiter: Data<Limiter>,
}

impl Shared {
    pub(crate) fn new(settings: &Settings, clock: SharedClock) -> io::Result<Self> {
        let document = openapi::document();
        let table = Data::new(RouteTable::new(&document.paths));
        let limits = Data::new(settings.rate_limits.then(|| Limits::new(clock)));
        Ok(Self {
            rules: Data::new(settings.rules.clone()),
            documents: Data::new(Documents::new(&document).map_err(io::Error::other)?),
            deadlines: Data::new(settings.deadlines),
            limiter: Data::new(Limiter { limits: limits.clone(), table: table.clone() }),
            limits,
            table,
            portal: Data::new(Portal(settings.portal_dir.clone())),
        })
    }
}

/// The whole service of one thread, but for the [`App`].
pub(crate) fn service<F: FnOnce(&mut ServiceConfig)>(
    shared: &Shared,
    extra: F,
) -> actix_web::App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
    + use<F>,
> {
    let (app, _) = actix_web::App::new().into_utoipa_app().configure(routes).split_for_parts();
    app.app_data(shared.rules.clone())
        .app_data(shared.documents.clone())
        .app_data(shared.table.clone())
        .app_data(shared.portal.clone())
        .app_data(shared.deadlines.clone())
        .app_data(shared.limits.clone())
        .app_data(shared.limiter.clone())
        .service(process::viewer())
        .configure(extra)
        .default_service(actix_web::web::to(edge::fallback))
        .wrap(from_fn(edge::represent))
        .wrap(Compress::default())
        .wrap(from_fn(edge::around))
}
