//! Files too large to be held: made while they are sent, and forgotten while they are read.

use bytes::Bytes;
use futures_util::{StreamExt, future, stream};
use reqwest::{Body, Client, RequestBuilder};
use serde_json::Value;

/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// Sends and reads large files as somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Heavy {
    http: Client,
    base: String,
    token: String,
    bytes: usize,
}

impl Heavy {
    /// Files of so many megabytes, in and out of the bucket `docs`.
    pub fn new(base: &str, token: &str, megabytes: usize) -> Self {
        let bytes = megabytes * 1_000_000;
        Self { http: Client::new(), base: base.to_owned(), token: token.to_owned(), bytes }
    }

    /// Stores so many files at once.
    pub async fn send(&self, files: u8) {
        future::join_all((0..files).map(|number| self.send_one(number))).await;
    }

    async fn send_one(&self, number: u8) {
        let request = self.http.put(self.path(number)).header("content-type", "application/x-test");
        let answer = self.with_body(request, number).send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{status} {text}");
        let file: Value = serde_json::from_str(&text).expect("a file");
        assert_eq!(file["size_bytes"].as_u64(), u64::try_from(self.bytes).ok(), "{file}");
    }

    /// Stores so many files at once, each as one piece of a resumable upload.
    pub async fn send_resumable(&self, files: u8) {
        future::join_all((0..files).map(|number| self.send_piece(number))).await;
    }

    async fn send_piece(&self, number: u8) {
        let metadata = crate::tus_metadata("docs", &format!("tus{number}"));
        let create = self.http.post(format!("{}/v1/tus", self.base)).bearer_auth(&self.token);
        let create = create.header("tus-resumable", "1.0.0").header("upload-metadata", metadata);
        let begun = create.header("upload-length", self.bytes).send().await.expect("an answer");
        assert_eq!(begun.status(), 201);
        let path = begun.headers()["location"].to_str().expect("a path").to_owned();
        let piece = self.http.patch(format!("{}{path}", self.base)).header("tus-resumable", "1.0.0");
        let piece = piece.header("upload-offset", "0").header("content-type", "application/offset+octet-stream");
        let answer = self.with_body(piece, number.wrapping_add(100)).send().await.expect("an answer");
        assert_eq!(answer.status(), 204);
        assert_eq!(answer.headers()["upload-offset"], self.bytes.to_string().as_str());
    }

    /// Reads so many of the files at once; returns when each is read whole.
    pub async fn read(&self, files: u8) {
        future::join_all((0..files).map(|number| self.read_one(number))).await;
    }

    async fn read_one(&self, number: u8) {
        let mut answer = self.http.get(self.path(number)).bearer_auth(&self.token).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let mut read = 0;
        while let Some(piece) = answer.chunk().await.expect("all bytes") {
            read += piece.len();
        }
        assert_eq!(read, self.bytes);
    }

    /// Asks for so many of the files at once and takes the first bytes of each; the rest waits until the answers are dropped.
    pub async fn begin_to_read(&self, files: u8) -> Vec<reqwest::Response> {
        let begun = (0..files).map(async |number| {
            let mut answer = self.http.get(self.path(number)).bearer_auth(&self.token).send().await.expect("an answer");
            assert!(answer.chunk().await.expect("bytes").is_some());
            answer
        });
        future::join_all(begun).await
    }

    fn path(&self, number: u8) -> String {
        format!("{}/v1/buckets/docs/files/heavy{number}", self.base)
    }

    fn with_body(&self, request: RequestBuilder, number: u8) -> RequestBuilder {
        let piece = Bytes::from(vec![number; PIECE]);
        let (whole, rest) = (self.bytes / PIECE, self.bytes % PIECE);
        let pieces = stream::iter(0..whole).map({
            let piece = piece.clone();
            move |_| Ok::<_, std::io::Error>(piece.clone())
        });
        let all = pieces.chain(stream::once(future::ready(Ok(piece.slice(..rest)))));
        request.bearer_auth(&self.token).header("content-length", self.bytes).body(Body::wrap_stream(all))
    }
}
