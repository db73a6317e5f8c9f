//! Traces go to the collector that the settings name, with the last ones at the end; one that is away disturbs nobody.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod process;

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{Span, span::SpanKind},
};
use process::Process;
use prost::Message;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
};
use tests::{Cluster, TestDatabase};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A collector: what it was sent, request by request, as path and body.
fn collector() -> (String, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut line, mut length, mut path) = (String::new(), 0, String::new());
            while reader.read_line(&mut line).unwrap_or(0) > 2 {
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                } else if lower.starts_with("post ") {
                    line.split(' ').nth(1).unwrap().clone_into(&mut path);
                }
                line.clear();
            }
            let mut body = vec![0; length];
            if reader.read_exact(&mut body).is_ok() {
                let _ =
                    reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                let _ = sender.send((path, body));
            }
        }
    });
    (format!("http://{address}"), received)
}

/// The API, tracing to a collector.
fn api(database: &TestDatabase, collector: &str) -> Process {
    Process::start(database, &[("TRUSTED_PROXIES", "127.0.0.1"), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector)])
}

fn get(api: &Process, path: &str) -> String {
    api.get(path, &format!("traceparent: {PARENT}\r\nAuthorization: Bearer sk_live_canary\r\n"))
}

fn spans(batches: &[ExportTraceServiceRequest]) -> Vec<&Span> {
    let scopes = batches.iter().flat_map(|batch| &batch.resource_spans).flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| &scope.spans).collect()
}

#[test]
fn requests_and_transactions_are_traced_within_the_callers_trace_and_name_no_secret() {
    let database = Cluster::get().database();
    let (endpoint, received) = collector();
    let api = api(&database, &endpoint);

    assert!(get(&api, "/v1/plans?canary=query").starts_with("HTTP/1.1 200"));
    api.ends_in_order();

    let sent: Vec<_> = received.try_iter().collect();
    assert!(sent.iter().all(|(path, body)| path == "/v1/traces" && !String::from_utf8_lossy(body).contains("canary")));
    let batches: Vec<_> =
        sent.iter().map(|(_, body)| ExportTraceServiceRequest::decode(body.as_slice()).unwrap()).collect();
    let resource = format!("{:?}", batches[0].resource_spans[0].resource);
    assert!(resource.contains("smecloud-api") && resource.contains("service.version"), "{resource}");
    let spans = spans(&batches);
    let request = spans.iter().find(|span| span.name == "GET /v1/plans");
    let request =
        request.unwrap_or_else(|| panic!("no request: {:#?}", spans.iter().map(|of| &of.name).collect::<Vec<_>>()));
    assert_eq!(request.kind, SpanKind::Server as i32);
    assert_eq!(request.trace_id, 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c_u128.to_be_bytes());
    assert_eq!(request.parent_span_id, 0xb7ad_6b71_6920_3331_u64.to_be_bytes());
    let transaction = spans.iter().find(|span| span.parent_span_id == request.span_id);
    let transaction = transaction.unwrap_or_else(|| panic!("no transaction within the request: {spans:#?}"));
    assert_eq!((transaction.trace_id.clone(), transaction.kind), (request.trace_id.clone(), SpanKind::Client as i32));
}

#[test]
fn a_collector_that_is_away_disturbs_nobody() {
    let database = Cluster::get().database();
    let api = api(&database, "http://127.0.0.1:1");
    for _ in 0..20 {
        assert!(get(&api, "/v1/plans").starts_with("HTTP/1.1 200"));
    }
    api.ends_in_order();
}
