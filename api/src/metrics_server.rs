//! `GET /metrics`, on an address of its own.

use actix_web::{HttpResponse, HttpServer, web};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use std::{io, net::SocketAddr, thread, time::Duration};

/// Upper bounds of the histograms' buckets, in seconds.
const BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// How often what was recorded is put into the buckets, which keeps memory bounded when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Begins to count: once a process.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let counted = PrometheusBuilder::new().set_buckets(BUCKETS)?.install_recorder()?;
    let kept = counted.clone();
    thread::spawn(move || {
        loop {
            thread::sleep(UPKEEP);
            kept.run_upkeep();
        }
    });
    Ok(counted)
}

/// Serves what was counted, until the process ends.
pub fn start(address: SocketAddr, counted: PrometheusHandle) -> io::Result<()> {
    let server = HttpServer::new(move || {
        let counted = counted.clone();
        let page = move || std::future::ready(page(&counted));
        actix_web::App::new().route("/metrics", web::get().to(page))
    })
    .workers(1)
    .client_request_timeout(Duration::from_secs(5))
    .disable_signals()
    .bind(address)?;
    tokio::spawn(server.run());
    Ok(())
}

fn page(counted: &PrometheusHandle) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(counted.render())
}
