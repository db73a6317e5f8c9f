//! The trace that a request is part of (W3C Trace Context). Only trusted proxies are believed: whoever else names one would
//! decide what is traced.

use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// Makes a span the child of the one that the headers name, if they name one and spans are traced.
pub(super) fn adopt(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        // Without traces there is nothing to be part of.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
    }
}
