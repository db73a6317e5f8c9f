use std::collections::HashMap;

use md5::{Digest as _, Md5};
use reqwest::Client;
use s3::serde_types::Part;

use crate::raw::Raw;
use crate::server::{Server, bytes, files, refusal};

const MIB: usize = 1024 * 1024;

async fn begin(server: &Server, key: &str) -> String {
    server.bucket.initiate_multipart_upload(key, "text/csv").await.unwrap().upload_id
}

async fn part(server: &Server, key: &str, id: &str, number: u32, body: &[u8]) -> Part {
    server.bucket.put_multipart_chunk(body.to_vec(), key, number, id, "text/csv").await.unwrap()
}

fn md5(data: &[u8]) -> Vec<u8> {
    Md5::digest(data).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_stream_through() {
    let server = Server::start().await;
    let body = bytes(20 * MIB);
    let put = server.bucket.put_object_stream(&mut body.as_slice(), "t1/big.bin").await.unwrap();
    assert_eq!(put.status_code(), 200);
    let server = server.restart(|_| {}).await;
    assert!(server.get("t1/big.bin").await == body);
    let digests: Vec<u8> = body.chunks(8 * MIB).flat_map(md5).collect();
    let (head, _) = server.bucket.head_object("t1/big.bin").await.unwrap();
    assert_eq!(head.e_tag.unwrap(), format!("\"{}-3\"", hex::encode(md5(&digests))));
    assert!(files(&server.dir().join("uploads")).is_empty());
    assert!(files(&server.dir().join("tmp")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_survive_a_restart_and_completion_repeats() {
    let server = Server::start().await;
    let (first, second) = (bytes(5 * MIB), b"the end".to_vec());
    let id = begin(&server, "x").await;
    let one = part(&server, "x", &id, 1, &first).await;
    part(&server, "x", &id, 7, b"replaced").await;
    let server = server.restart(|_| {}).await;
    assert_eq!(server.store.object_count("files"), 0);
    let seven = part(&server, "x", &id, 7, &second).await;
    let queries = HashMap::from([("uploadId".to_owned(), id.clone())]);
    let url = server.bucket.presign_get("x", 60, Some(queries)).await.unwrap();
    let list = Client::new().get(url).send().await.unwrap().text().await.unwrap();
    assert_eq!(list.matches("<PartNumber>").count(), 2, "{list}");
    for _ in 0..2 {
        let parts = vec![one.clone(), seven.clone()];
        assert_eq!(server.bucket.complete_multipart_upload("x", &id, parts).await.unwrap().status_code(), 200);
    }
    let body = server.bucket.get_object("x").await.unwrap();
    assert!(body.as_slice() == [first, second].concat());
    let (head, _) = server.bucket.head_object("x").await.unwrap();
    assert_eq!(head.content_type.as_deref(), Some("text/csv"));
    let late = server.bucket.put_multipart_chunk(b"late".to_vec(), "x", 8, &id, "text/csv").await;
    assert_eq!(refusal(late).1, "NoSuchUpload");
}

#[tokio::test(flavor = "multi_thread")]
async fn completion_checks_its_list() {
    let server = Server::start().await;
    let id = begin(&server, "x").await;
    let one = part(&server, "x", &id, 1, b"too small").await;
    let two = part(&server, "x", &id, 2, b"end").await;
    let complete = |id: String, parts: Vec<Part>| {
        let bucket = server.bucket.clone();
        async move { refusal(bucket.complete_multipart_upload("x", &id, parts).await).1 }
    };
    let wrong = Part { part_number: 1, etag: "\"0123\"".to_owned() };
    let absent = Part { part_number: 3, etag: one.etag.clone() };
    assert_eq!(complete(id.clone(), vec![one.clone(), two.clone()]).await, "EntityTooSmall");
    assert_eq!(complete(id.clone(), vec![two.clone(), one.clone()]).await, "InvalidPartOrder");
    assert_eq!(complete(id.clone(), vec![one.clone(), one.clone()]).await, "InvalidPartOrder");
    assert_eq!(complete(id.clone(), vec![wrong]).await, "InvalidPart");
    assert_eq!(complete(id.clone(), vec![absent]).await, "InvalidPart");
    assert_eq!(complete("no-such".to_owned(), vec![one.clone()]).await, "NoSuchUpload");
    assert_eq!(server.store.object_count("files"), 0);
    server.bucket.complete_multipart_upload("x", &id, vec![two]).await.unwrap();
    assert_eq!(server.get("x").await, b"end");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_belongs_to_its_key_and_can_be_aborted() {
    let server = Server::start().await;
    let id = begin(&server, "x").await;
    let foreign = server.bucket.put_multipart_chunk(b"1".to_vec(), "y", 1, &id, "text/csv").await;
    assert_eq!(refusal(foreign).1, "NoSuchUpload");
    part(&server, "x", &id, 1, b"1").await;
    let second = begin(&server, "y").await;
    let list = server.bucket.list_multiparts_uploads(None, None).await.unwrap();
    let listed: Vec<_> = list.iter().flat_map(|page| &page.uploads).map(|upload| upload.key.as_str()).collect();
    assert_eq!(listed, ["x", "y"]);
    server.bucket.abort_upload("x", &id).await.unwrap();
    server.bucket.abort_upload("y", &second).await.unwrap();
    assert_eq!(refusal(server.bucket.abort_upload("x", &id).await).1, "NoSuchUpload");
    assert!(files(&server.dir().join("uploads")).is_empty());
    for (number, expected) in [("0", 400), ("10001", 400), ("10000", 404)] {
        let query = format!("partNumber={number}&uploadId={id}");
        let put = Raw { method: "PUT", path: "/files/x", query: &query, body: b"x", ..Raw::default() };
        assert_eq!(put.send(&server.store).0, expected, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_can_be_copied() {
    let server = Server::start().await;
    let source = bytes(6 * MIB);
    server.bucket.put_object("源", &source).await.unwrap();
    let id = begin(&server, "x").await;
    let query = format!("partNumber=1&uploadId={id}");
    let copy = |range: &str| {
        let headers =
            vec![("x-amz-copy-source", "/files/%E6%BA%90".to_owned()), ("x-amz-copy-source-range", range.to_owned())];
        Raw { method: "PUT", path: "/files/x", query: &query, headers, ..Raw::default() }.send(&server.store)
    };
    assert_eq!(copy("bytes=6291456-6291457").0, 416);
    let (status, _, body) = copy("bytes=10-1009");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let part = Part { part_number: 1, etag: format!("\"{}\"", hex::encode(md5(&source[10..1010]))) };
    server.bucket.complete_multipart_upload("x", &id, vec![part]).await.unwrap();
    assert!(server.get("x").await == source[10..1010]);
}
