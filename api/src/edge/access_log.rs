//! One log line and two metrics a request. Neither has the query, the body, a token or an address.

use super::RequestContext;
use actix_web::{
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
};
use opentelemetry::trace::{Status, TraceContextExt};
use std::time::Instant;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Methods that have a label of their own in metrics.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A request under way, for the log.
pub(super) struct AccessLog {
    started: Instant,
    method: String,
    context: RequestContext,
    span: Span,
}

impl AccessLog {
    pub(super) fn begin(request: &ServiceRequest, context: RequestContext) -> Self {
        let method = request.method().as_str().to_owned();
        let span = tracing::info_span!(
            "request",
            request_id = %context.shown_id,
            method,
            otel.kind = "server",
        );
        Self { started: Instant::now(), method, context, span }
    }

    pub(super) fn span(&self) -> Span {
        self.span.clone()
    }

    /// `None`: the request ended without an answer of its handler.
    pub(super) fn end(self, response: Option<&ServiceResponse<BoxBody>>) {
        let route = response.and_then(|response| response.request().match_pattern());
        let route = route.unwrap_or_else(|| "none".to_owned());
        let status = response.map_or(500, |response| response.status().as_u16());
        // The client is not bound by the methods that exist, but the labels of metrics must be.
        let method = if METHODS.contains(&self.method.as_str()) { self.method } else { "other".to_owned() };
        // A span that has begun takes another name from its trace only.
        self.span.context().span().update_name(format!("{method} {route}"));
        self.span.set_attribute("http.request.method", method.clone());
        self.span.set_attribute("http.route", route.clone());
        self.span.set_attribute("http.response.status_code", i64::from(status));
        if status >= 500 {
            self.span.set_status(Status::error(""));
        }
        let elapsed = self.started.elapsed();
        let labels = [("method", method.clone()), ("route", route.clone()), ("status", status.to_string())];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_seconds", "method" => method.clone(), "route" => route.clone())
            .record(elapsed);
        let tenant = self.context.tenant.get().map(|tenant| tenant.to_string());
        self.span.in_scope(|| {
            tracing::info!(
                target: "access",
                route,
                status,
                tenant,
                id = %self.context.id,
                elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
                "answered"
            );
        });
    }
}
