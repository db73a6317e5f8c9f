//! One client with a connection to the API and one to the object store.

use super::{Way, timed, unlike};
use crate::{
    connection::{self, Connection, Outgoing},
    place::Api,
    store::Store,
    world::World,
};
use anyhow::Context;
use bytes::Bytes;
use hyper::{
    Request, Uri,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST},
};
use serde_json::{Value, json};
use std::time::Duration;

const BUCKET: &str = "bench";
const TYPE: &str = "application/octet-stream";

/// Makes the bucket of the first firm, whose files all are.
pub(super) async fn make_bucket(api: &Api, world: &World) -> anyhow::Result<()> {
    let firm = world.firms.first().context("no firm")?;
    let new = connection::post("/v1/buckets", &firm.token, &json!({ "name": BUCKET }))?;
    Connection::open(api.address()).await?.ask(new).await.map(drop)
}

/// A client that writes files and then reads them.
pub(super) struct Client<'a> {
    way: Way,
    number: usize,
    token: String,
    api: Connection,
    direct: Connection,
    store: &'a Store,
    base: Vec<u8>,
    /// Keys in the bare store, paths of the API, or ids of files.
    written: Vec<String>,
}

impl<'a> Client<'a> {
    /// Connects.
    pub(super) async fn open(
        (api, store): (&Api, &'a Store),
        world: &World,
        (way, number): (Way, usize),
    ) -> anyhow::Result<Self> {
        let token = world.firms.first().context("no firm")?.token.clone();
        let (api, direct) = (Connection::open(api.address()).await?, Connection::open(store.address()?).await?);
        Ok(Self { way, number, token, api, direct, store, base: Vec::new(), written: Vec::new() })
    }

    /// Writes files of so many bytes.
    pub(super) async fn put_all(
        &mut self,
        (name, bytes): (&str, usize),
        count: usize,
    ) -> anyhow::Result<Vec<Duration>> {
        self.base = (0..bytes).map(|at| u8::try_from(at * 31 % 251).unwrap_or_default()).collect();
        let mut times = Vec::new();
        for file in 0..count {
            let path = format!("{name}/{:?}-{}-{file}", self.way, self.number);
            let body = unlike(bytes, &self.base, uuid::Uuid::now_v7().as_u128());
            let (written, time) = timed(self.put(path, body)).await?;
            self.written.push(written);
            times.push(time);
        }
        Ok(times)
    }

    /// Reads what was written.
    pub(super) async fn get_all(&mut self) -> anyhow::Result<Vec<Duration>> {
        let mut times = Vec::new();
        for what in std::mem::take(&mut self.written) {
            times.push(timed(self.get(&what)).await?.1);
        }
        Ok(times)
    }

    async fn put(&mut self, path: String, body: Bytes) -> anyhow::Result<String> {
        match self.way {
            Way::Bare => {
                let url = self.store.put_url(&path).await?;
                self.direct.expect(put(&url, &json!({}), body)?, 200).await?;
                Ok(path)
            }
            Way::Api => {
                let path = format!("/v1/buckets/{BUCKET}/files/{path}");
                let request = Request::put(&path).header(HOST, "bench").header(AUTHORIZATION, self.bearer());
                let request = request.header(CONTENT_LENGTH, body.len()).header(CONTENT_TYPE, TYPE);
                self.api.expect(request.body(body.into())?, 201).await?;
                Ok(path)
            }
            Way::Signed => self.put_signed(&path, body).await,
        }
    }

    async fn put_signed(&mut self, path: &str, body: Bytes) -> anyhow::Result<String> {
        let uploads = format!("/v1/buckets/{BUCKET}/uploads");
        let new = json!({ "path": path, "size_bytes": body.len(), "content_type": TYPE });
        let begun = self.api.ask(connection::post(&uploads, &self.token, &new)?).await?;
        if let Some(url) = begun["url"].as_str() {
            self.direct.expect(put(url, &begun["headers"], body)?, 200).await?;
        } else {
            let mut rest = body;
            for part in begun["parts"].as_array().context("neither an address nor parts")? {
                let size = part["size_bytes"].as_u64().context("a part without a size")?;
                let piece = rest.split_to(usize::try_from(size)?);
                let url = part["url"].as_str().context("a part without an address")?;
                self.direct.expect(put(url, &part["headers"], piece)?, 200).await?;
            }
        }
        let complete = format!("{uploads}/{}/complete", begun["upload_id"].as_str().context("no upload")?);
        let file = self.api.ask(connection::post(&complete, &self.token, &json!({}))?).await?;
        Ok(file["id"].as_str().context("no file")?.to_owned())
    }

    async fn get(&mut self, what: &str) -> anyhow::Result<()> {
        match self.way {
            Way::Bare => {
                let url = self.store.get_url(what).await?;
                self.direct.expect(get(&url)?, 200).await
            }
            Way::Api => self.api.expect(connection::get(what, &self.token)?, 200).await,
            Way::Signed => {
                let path = format!("/v1/files/{what}/download-url");
                let answer = self.api.ask(connection::post(&path, &self.token, &json!({}))?).await?;
                self.direct.expect(get(answer["url"].as_str().context("no address")?)?, 200).await
            }
        }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

/// The path and query of an address, and its host as it was signed.
fn parts(url: &str) -> anyhow::Result<(String, String)> {
    let url: Uri = url.parse()?;
    let path = url.path_and_query().context("no path")?.to_string();
    Ok((path, url.authority().context("no host")?.to_string()))
}

fn put(url: &str, headers: &Value, body: Bytes) -> anyhow::Result<Outgoing> {
    let (path, host) = parts(url)?;
    let mut request = Request::put(path).header(HOST, host);
    for (name, value) in headers.as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().context("no text")?);
    }
    Ok(request.body(body.into())?)
}

fn get(url: &str) -> anyhow::Result<Outgoing> {
    let (path, host) = parts(url)?;
    Ok(Request::get(path).header(HOST, host).body(Bytes::new().into())?)
}
