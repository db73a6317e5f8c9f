//! Requests that only a socket can send: malformed, smuggled, slow.

use super::{clock, settings};
use crate::{
    edge::{Deadlines, Pace},
    server::{Settings, Shared, listen},
};
use actix_web::{HttpResponse, body::SizedStream, dev::ServerHandle, rt::task::JoinHandle, web};
use bytes::Bytes;
use futures_util::stream;
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Deadlines that a test can wait for. The server looks at its clock twice a second, so its own may not be shorter.
const SHORT: Deadlines = Deadlines {
    head: Duration::from_secs(2),
    body: Duration::from_millis(200),
    pace: Pace { stretch: Duration::from_millis(200), least_bytes: 1000 },
    unread: Duration::from_millis(500),
    refused: Duration::from_millis(500),
    idle: Duration::from_secs(2),
};

struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    fn start(deadlines: Deadlines) -> Self {
        let settings = settings(&[("RATE_LIMITS", "off"), ("LISTEN_ADDR", "127.0.0.1:0")]);
        let settings = Settings { deadlines, workers: 1, ..settings };
        let (address, server) = listen(&settings, Shared::new(&settings, clock()).unwrap(), extra).unwrap();
        let handle = server.handle();
        Self { address, handle, task: actix_web::rt::spawn(server) }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and returns all that comes back until the server closes.
    async fn exchange(&self, request: &[u8]) -> String {
        let mut socket = self.connect().await;
        // The server may refuse and close before everything is written.
        let _ = socket.write_all(request).await;
        rest(&mut socket).await
    }

    async fn stop(self) {
        self.handle.stop(true).await;
        self.task.await.unwrap().unwrap();
    }
}

fn extra(cfg: &mut web::ServiceConfig) {
    cfg.route("/read", web::post().to(read))
        .route("/big", web::get().to(|| std::future::ready(big())))
        .route("/refuse", web::post().to(refuses))
        .route("/panic", web::post().to(panics));
}

async fn read(request: actix_web::HttpRequest, body: web::Payload) -> Result<HttpResponse, crate::problem::Problem> {
    let body = crate::extract::read_body(&request, &mut body.into_inner(), 256 * 1024).await?;
    Ok(HttpResponse::Ok().body(format!("read {}", body.len())))
}

async fn refuses() -> Result<HttpResponse, crate::problem::Problem> {
    Err(crate::problem::edge::UNAUTHENTICATED.into())
}

async fn panics(_: web::Payload) -> HttpResponse {
    panic!("as a handler should not")
}

/// Far more than the kernel keeps.
fn big() -> HttpResponse {
    let pieces = stream::iter((0..16_384).map(|_| Ok::<_, io::Error>(Bytes::from(vec![b'x'; 64 * 1024]))));
    HttpResponse::Ok().body(SizedStream::new(1 << 30, pieces))
}

async fn rest(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// What comes back first, without waiting for the connection's end: a refused body may go on, and is thrown away.
async fn first(socket: &mut TcpStream) -> String {
    let mut answer = vec![0; 16 * 1024];
    let length = socket.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

/// A good request that hides behind a bad one. Were it answered, the bad one would have been smuggled.
const SMUGGLED: &str = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";

#[actix_web::test]
async fn a37_requests_with_two_meanings_are_refused_and_the_connection_ends() {
    let server = Server::start(Deadlines::default());
    for (name, head) in [
        (
            "CL and TE",
            "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        ("unknown TE", "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"),
        ("TE with a blank", "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
        (
            "TE twice",
            "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        ),
        ("two lengths", "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        ("a signed length", "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello"),
        ("a huge length", "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"),
        ("a negative length", "POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        ("a folded header", "GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n"),
        ("HTTP/1.0 with TE", "POST /read HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        (
            "a chunk size with a bare LF",
            "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;\nhello\r\n0\r\n\r\n",
        ),
        (
            "a chunk size that is none",
            "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        ),
    ] {
        let answer = server.exchange(format!("{head}{SMUGGLED}").as_bytes()).await;
        assert!(matches!(status(&answer), "400" | "408"), "{name}: {answer:.300}");
        assert!(!answer.contains("\"openapi\""), "{name}: the hidden request was answered");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{name}: {answer:.300}");
    }
    server.stop().await;
}

#[actix_web::test]
async fn h07_lines_and_headers_have_a_limit() {
    let server = Server::start(Deadlines::default());
    let many = (0..100_000).map(|number| format!("X-{number}: a\r\n")).collect::<Vec<_>>().concat();
    for (name, request) in [
        ("one long header", format!("GET /healthz HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(1_000_000))),
        ("many headers", format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{many}\r\n")),
        ("a long path", format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(1_000_000))),
    ] {
        let answer = server.exchange(request.as_bytes()).await;
        assert!(matches!(status(&answer), "400" | "414" | "431" | ""), "{name}: {answer:.200}");
    }
    let query = (0..10_000).map(|number| format!("p{number}=1&")).collect::<Vec<_>>().concat();
    let request = format!("GET /v1/market/products?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = server.exchange(request.as_bytes()).await;
    assert!(answer.is_empty() || status(&answer).starts_with('4') || status(&answer) == "500", "{answer:.200}");
    let fine = server.exchange(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&fine), "200");
    server.stop().await;
}

#[actix_web::test]
async fn h01_a38_bodies_have_a_limit_whatever_they_announce() {
    let server = Server::start(Deadlines::default());
    let limit = 256 * 1024;
    for (length, expected) in [(limit - 1, "200"), (limit, "200"), (limit + 1, "413")] {
        let head = format!("POST /read HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        let answer = server.exchange(&[head.as_bytes(), &vec![b'x'; length]].concat()).await;
        assert_eq!(status(&answer), expected, "{length}");
    }
    for length in ["10000000000", "9223372036854775807"] {
        let mut socket = server.connect().await;
        let head = format!("POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(status(&first(&mut socket).await), "413", "{length}");
    }
    // Chunks without end, and without a length.
    let mut socket = server.connect().await;
    socket.write_all(b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
    for _ in 0..80 {
        socket.write_all(&chunk).await.unwrap();
    }
    assert_eq!(status(&first(&mut socket).await), "413", "though the body goes on");
    drop(socket);
    server.stop().await;
}

#[actix_web::test]
async fn h02_h03_h05_slow_heads_bodies_and_idle_connections_are_cut() {
    let server = Server::start(SHORT);
    let mut head = server.connect().await;
    head.write_all(b"GET /healthz HTTP/1.1\r\nHost:").await.unwrap();
    assert!(matches!(status(&rest(&mut head).await), "408" | ""));

    let mut body = server.connect().await;
    body.write_all(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nx").await.unwrap();
    let answer = first(&mut body).await;
    drop(body);
    assert_eq!(status(&answer), "408");
    assert!(answer.contains("request_timeout"), "{answer}");

    let mut idle = server.connect().await;
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(status(&rest(&mut idle).await), "200");

    // Ends only when the server closes.
    let mut silent = server.connect().await;
    assert!(matches!(status(&rest(&mut silent).await), "408" | ""));
    server.stop().await;
}

#[actix_web::test]
async fn h04_a_reader_that_takes_nothing_loses_its_connection() {
    let server = Server::start(SHORT);
    let mut socket = server.connect().await;
    socket.write_all(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    // Stops only when the stream of the stuck answer is gone, within the server's own patience.
    let stopped = tokio::time::timeout(Duration::from_secs(20), server.stop());
    stopped.await.expect("the connection was given up");
    drop(socket);
}

/// The connection ends though the sender never does. The answer comes first.
#[actix_web::test]
async fn h03_the_rest_of_a_refused_body_is_not_waited_for() {
    let server = Server::start(SHORT);
    let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat();
    let many = chunk.repeat(80);
    let (length, chunks) = ("Content-Length: 1000000", "Transfer-Encoding: chunked");
    for (name, path, framing, body, expected) in [
        ("too long, with a length", "/read", length, &b"x"[..], "413"),
        ("too long, in chunks", "/read", chunks, &many, "413"),
        ("too slow, in chunks", "/read", chunks, &chunk, "408"),
        ("not read, with a length", "/refuse", length, b"x", "401"),
        ("not read, in chunks", "/refuse", chunks, &chunk, "401"),
        ("to nowhere, in chunks", "/nowhere", chunks, &chunk, "404"),
        ("with a panic, in chunks", "/panic", chunks, &chunk, "500"),
    ] {
        let mut socket = server.connect().await;
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{framing}\r\n\r\n");
        socket.write_all(&[head.as_bytes(), body].concat()).await.unwrap();
        // Neither ends the body nor closes: only the server can.
        let answer = tokio::time::timeout(Duration::from_secs(20), rest(&mut socket)).await;
        let answer = answer.unwrap_or_else(|_| panic!("{name}: the connection is held"));
        assert_eq!(status(&answer), expected, "{name}: {answer:.300}");
        assert!(answer.ends_with('}'), "{name}: the whole answer came: {answer}");
    }
    server.stop().await;
}

/// A body in chunks that was read costs nobody their connection.
#[actix_web::test]
async fn a_body_in_chunks_that_was_read_leaves_the_connection_open() {
    let server = Server::start(Deadlines::default());
    let mut socket = server.connect().await;
    let request = "POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    for _ in 0..3 {
        socket.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(status(&first(&mut socket).await), "200");
    }
    drop(socket);
    server.stop().await;
}
