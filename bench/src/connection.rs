//! One kept-alive HTTP connection.

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    client::conn::http1::{SendRequest, handshake},
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;

/// What is sent.
pub(crate) type Outgoing = Request<Full<Bytes>>;

/// A connection to the API.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(Self(sender))
    }

    /// Sends a request and reads the whole answer.
    async fn send(&mut self, request: Outgoing) -> anyhow::Result<(StatusCode, Bytes)> {
        let answer = self.0.send_request(request).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }

    /// Sends a request, throws the answer's body away, and fails unless it has this status.
    pub(crate) async fn expect(&mut self, request: Outgoing, status: u16) -> anyhow::Result<()> {
        let answer = self.0.send_request(request).await?;
        let found = answer.status();
        let mut body = answer.into_body();
        if found.as_u16() != status {
            let text = body.collect().await?.to_bytes();
            bail!("answered {found} instead of {status}: {}", String::from_utf8_lossy(&text));
        }
        while let Some(frame) = body.frame().await {
            frame?;
        }
        Ok(())
    }

    /// Sends a request that must succeed and reads JSON; for setting up.
    pub(crate) async fn ask(&mut self, request: Outgoing) -> anyhow::Result<serde_json::Value> {
        let (status, answer) = self.send(request).await?;
        if !status.is_success() {
            bail!("answered {status}: {}", String::from_utf8_lossy(&answer));
        }
        serde_json::from_slice(&answer).context("not JSON")
    }
}

/// A GET request.
pub(crate) fn get(path: &str, token: &str) -> anyhow::Result<Outgoing> {
    let request = Request::get(path).header(HOST, "bench").header("authorization", format!("Bearer {token}"));
    Ok(request.body(Full::default())?)
}

/// A POST request with an idempotency key of its own.
pub(crate) fn post(path: &str, token: &str, body: &serde_json::Value) -> anyhow::Result<Outgoing> {
    let request = Request::post(path).header(HOST, "bench").header(CONTENT_TYPE, "application/json");
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("idempotency-key", uuid::Uuid::now_v7().to_string());
    Ok(request.body(Full::from(serde_json::to_vec(body)?))?)
}

/// A POST request of a visitor at an address of their own, as a proxy would pass it on: attempts are counted by address.
pub(crate) fn visit(path: &str, from: IpAddr, body: &serde_json::Value) -> anyhow::Result<Outgoing> {
    let request = Request::post(path).header(HOST, "bench").header(CONTENT_TYPE, "application/json");
    Ok(request.header("x-forwarded-for", from.to_string()).body(Full::from(serde_json::to_vec(body)?))?)
}
