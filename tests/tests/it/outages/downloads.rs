//! On the way out.

use super::{get, is_away, put, settles, stage};
use crate::uploads::{hash, noise};
use tests::Client;

/// Reads to the end: how many bytes came, and whether the end was one.
async fn read(mut answer: reqwest::Response) -> (usize, bool) {
    let mut read = 0;
    loop {
        match answer.chunk().await {
            Ok(Some(piece)) => read += piece.len(),
            Ok(None) => return (read, true),
            Err(_) => return (read, false),
        }
    }
}

async fn begin(client: &Client, path: &str) -> reqwest::Response {
    let request = reqwest::Client::new().get(format!("{}{path}", client.base())).bearer_auth(client.token().unwrap());
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.chunk().await.unwrap().is_some());
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_that_had_begun_are_cut_and_new_ones_are_told_to_come_back() {
    let (app, firm, line) = stage().await;
    let bytes = noise(24 << 20);
    let stored = put(&firm, "long.bin", &bytes).await.value();
    let file = begin(&firm.owner, "/v1/buckets/docs/files/long.bin").await;
    let archive = begin(&firm.owner, "/v1/buckets/docs/archive").await;
    line.cut();
    for begun in [file, archive] {
        let (came, whole) = read(begun).await;
        assert!(!whole && came < bytes.len(), "{came} bytes, whole: {whole}");
    }
    is_away(&get(&firm, "long.bin").await);
    let version = format!(
        "/v1/files/{}/versions/{}/content",
        stored["id"].as_str().unwrap(),
        stored["version_id"].as_str().unwrap()
    );
    is_away(&firm.owner.get(version).send().await);
    let part = firm.owner.get("/v1/buckets/docs/files/long.bin").header("range", "bytes=5-9").send().await;
    is_away(&part);
    // What is known without the bytes is told.
    let head = firm.owner.request(reqwest::Method::HEAD, "/v1/buckets/docs/files/long.bin").send().await;
    assert_eq!((head.status, head.header("content-length")), (200, bytes.len().to_string().as_str()));
    line.mend();
    assert_eq!(hash(&get(&firm, "long.bin").await.body), hash(&bytes));
    settles(&app).await;
}
