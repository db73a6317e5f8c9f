//! Requests signed by hand and sent byte for byte, for what no client library would send.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use object_store::ObjectStore;
use sha2::{Digest as _, Sha256};

use crate::server::{ACCESS_KEY, SECRET_KEY};

/// One request; `path` and `query` go out as they are.
#[derive(Default)]
pub(crate) struct Raw<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// In canonical order.
    pub(crate) query: &'a str,
    /// Lower-case names.
    pub(crate) headers: Vec<(&'a str, String)>,
    pub(crate) body: &'a [u8],
    /// Says another length than the body's; the sender hangs up after the body.
    pub(crate) content_length: Option<usize>,
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn sign(date: &str, text: &str) -> String {
    let key = [date, ObjectStore::region(), "s3", "aws4_request"]
        .iter()
        .fold(format!("AWS4{SECRET_KEY}").into_bytes(), |key, text| hmac(&key, text));
    hex::encode(hmac(&key, text))
}

/// A presigned GET as of any time, living any number of seconds.
pub(crate) fn presign(store: &ObjectStore, path: &str, at: DateTime<Utc>, expires: u32) -> String {
    let host = store.endpoint().replace("http://", "");
    let (date, time) = (at.format("%Y%m%d").to_string(), at.format("%Y%m%dT%H%M%SZ"));
    let scope = format!("{date}/{}/s3/aws4_request", ObjectStore::region());
    let credential = format!("{ACCESS_KEY}/{scope}").replace('/', "%2F");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={time}&X-Amz-Expires={expires}&X-Amz-SignedHeaders=host"
    );
    let canonical = format!("GET\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    format!("{}{path}?{query}&X-Amz-Signature={}", store.endpoint(), sign(&date, &text))
}

impl Raw<'_> {
    /// Sends it and returns status, head and body.
    pub(crate) fn send(mut self, store: &ObjectStore) -> (u16, String, Vec<u8>) {
        let host = store.endpoint().replace("http://", "");
        let now = Utc::now();
        self.headers.push(("host", host.clone()));
        self.headers.push(("x-amz-date", now.format("%Y%m%dT%H%M%SZ").to_string()));
        if !self.headers.iter().any(|(name, _)| *name == "x-amz-content-sha256") {
            self.headers.push(("x-amz-content-sha256", "UNSIGNED-PAYLOAD".to_owned()));
        }
        self.headers.sort();
        let authorization = self.authorization(&now.format("%Y%m%d").to_string());
        let question = if self.query.is_empty() { "" } else { "?" };
        let mut head = format!("{} {}{question}{} HTTP/1.1\r\n", self.method, self.path, self.query);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let length = self.content_length.unwrap_or(self.body.len());
        let end = format!("authorization: {authorization}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        head.push_str(&end);
        let mut stream = TcpStream::connect(&host).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(self.body).unwrap();
        if self.content_length.is_some() {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        answer(stream)
    }

    fn authorization(&self, date: &str) -> String {
        let value = |name| self.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str()).unwrap();
        let lines: String = self.headers.iter().flat_map(|(name, value)| [name, ":", value, "\n"]).collect();
        let names = self.headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let payload = value("x-amz-content-sha256");
        // What need not be encoded is not encoded in the canonical form.
        let path = self.path.replace("%2e", ".");
        let canonical = format!("{}\n{path}\n{}\n{lines}\n{names}\n{payload}", self.method, self.query);
        let scope = format!("{date}/{}/s3/aws4_request", ObjectStore::region());
        let hash = hex::encode(Sha256::digest(canonical));
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash}", value("x-amz-date"));
        let signature = sign(date, &text);
        format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope},SignedHeaders={names},Signature={signature}")
    }
}

/// Reads an answer to its end; status 0 if the server only hung up.
fn answer(mut stream: TcpStream) -> (u16, String, Vec<u8>) {
    let mut bytes = Vec::new();
    if stream.read_to_end(&mut bytes).is_err() && bytes.is_empty() {
        return (0, String::new(), bytes);
    }
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return (0, String::new(), bytes);
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head, bytes[end + 4..].to_vec())
}
