//! What a process tells of itself while it runs: the log, one JSON object a line, to standard output; and traces, if there is
//! somebody to send them to.

use crate::config::Config;
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider},
};
use std::time::Duration;
use tracing::{Level, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{Directive, filter_fn},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};
use url::Url;

/// Target of spans that only traces have: in the log, each line belongs to its request or job.
pub const TRACES: &str = "traces";
/// The longest one delivery of spans may take. Nobody waits for it.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often spans are delivered.
const EXPORT_EVERY: Duration = Duration::from_secs(5);
/// Spans kept for delivery; while the collector is away, more are dropped.
const SPANS_KEPT: usize = 2_048;

/// Why nothing would be told.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// A log has begun already.
    #[error(transparent)]
    Begun(#[from] TryInitError),
    /// The exporter of traces cannot be made.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used: {0}")]
    Exporter(#[from] ExporterBuildError),
}

/// Held for as long as the process works; dropped, it delivers the last spans.
#[derive(Debug)]
#[must_use]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.provider {
            // A collector that is away loses the last spans; the process ends all the same.
            let _ = provider.shutdown_with_timeout(EXPORT_TIMEOUT);
        }
    }
}

/// Begins to log, and to trace if the settings name a collector: once a process, which is called `service`.
pub fn init(config: &Config, service: &'static str) -> Result<Telemetry, LoggingError> {
    let provider = config.otel_endpoint.as_ref().map(|endpoint| provider(endpoint, service)).transpose()?;
    let never: Directive = format!("{TRACES}=off").parse().unwrap_or_else(|_| Level::INFO.into());
    let log = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_filter(EnvFilter::new(&config.log).add_directive(never));
    let traces = provider.as_ref().map(traces);
    tracing_subscriber::registry().with(log).with(traces).try_init()?;
    Ok(Telemetry { provider })
}

/// Sends spans to a collector, by OTLP over HTTP.
fn provider(endpoint: &Url, service: &'static str) -> Result<SdkTracerProvider, ExporterBuildError> {
    // One that is there already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/')))
        .with_timeout(EXPORT_TIMEOUT)
        .build()?;
    let batches =
        BatchConfigBuilder::default().with_max_queue_size(SPANS_KEPT).with_scheduled_delay(EXPORT_EVERY).build();
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    Ok(SdkTracerProvider::builder()
        .with_span_processor(BatchSpanProcessor::builder(exporter).with_batch_config(batches).build())
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOn)))
        .with_resource(Resource::builder_empty().with_service_name(service).with_attribute(version).build())
        .build())
}

/// Spans become those of traces; lines of the log stay in the log.
fn traces<S: Subscriber + for<'s> LookupSpan<'s>>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S> {
    let ours = |name: &str| name == TRACES || name.starts_with("api") || name.starts_with("jobs");
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("smecloud"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter_fn(move |of| of.is_span() && *of.level() <= Level::INFO && ours(of.target())))
}
