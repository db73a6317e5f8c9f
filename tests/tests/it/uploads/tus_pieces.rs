//! Pieces of every size, with and without checksums, lengths and bodies.

use super::{
    firm_with_docs, hash, noise, quota,
    tus::{begun, create, look, metadata, offset, piece, read, request},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use sha2::{Digest, Sha256};
use tests::TestApp;

const FIVE: usize = 5 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn pieces_around_the_least_part_of_a_store_add_up() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let body = noise(2 * FIVE + 3);
    for (at, pieces) in [
        vec![FIVE - 1],
        vec![FIVE],
        vec![FIVE + 1],
        vec![FIVE - 1, 1],
        vec![FIVE - 1, 1, 1],
        vec![1, FIVE, FIVE - 1],
        vec![FIVE, FIVE, 3],
        vec![3, 2 * FIVE],
        vec![2 * FIVE + 3],
    ]
    .into_iter()
    .enumerate()
    {
        let (name, total) = (format!("{at}.bin"), pieces.iter().sum::<usize>());
        let path = begun(&firm, &name, total).await;
        let mut from = 0;
        for length in pieces {
            let sent = piece(&firm, &path, from, body[from..from + length].to_vec()).send().await;
            from += length;
            assert_eq!((sent.status, sent.header("upload-offset")), (204, from.to_string().as_str()), "{name}");
        }
        assert!(read(&firm, &name).await.body == body[..total], "{name}");
        let list = firm.owner.get(format!("/v1/buckets/docs/files?prefix={name}")).ok().await;
        assert_eq!(list["data"][0]["sha256"], hash(&body[..total]), "{name}");
    }
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state NOT IN ('live', 'gone')"), 0);
    assert_eq!(quota(&firm).await.1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_there_at_once_and_a_small_one_comes_with_its_creation() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let empty = create(&firm, "empty", 0).send().await;
    assert_eq!((empty.status, empty.header("upload-offset")), (201, "0"));
    assert_eq!((read(&firm, "empty").await.status, look(&firm, empty.header("location")).await.status), (200, 200));
    let typed = |request: tests::Request| request.header("content-type", "application/offset+octet-stream");
    let whole = typed(create(&firm, "whole", 3)).bytes("tea").send().await;
    assert_eq!((whole.status, whole.header("upload-offset")), (201, "3"));
    assert_eq!(read(&firm, "whole").await.text(), "tea");
    let half = typed(create(&firm, "half", 6)).bytes("oolong"[..3].to_owned()).send().await;
    assert_eq!((half.status, half.header("upload-offset")), (201, "3"));
    assert_eq!(piece(&firm, half.header("location"), 3, "ong").send().await.status, 204);
    assert_eq!(read(&firm, "half").await.text(), "oolong");
    create(&firm, "untyped", 3).bytes("tea").send().await.problem(415, "upload_piece_type");
    typed(create(&firm, "long", 2)).bytes("tea").send().await.problem(413, "upload_piece_too_long");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_length_can_be_said_later_and_is_said_once() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let deferred = request(&firm, Method::POST, "/v1/tus").header("upload-defer-length", "1");
    let created = deferred.header("upload-metadata", &metadata("docs", "later")).send().await;
    let path = created.header("location");
    assert_eq!(look(&firm, path).await.header("upload-defer-length"), "1");
    assert_eq!(piece(&firm, path, 0, "oo").send().await.header("upload-offset"), "2");
    piece(&firm, path, 2, "l").header("upload-length", "1").send().await.problem(409, "upload_length_conflict");
    assert_eq!(piece(&firm, path, 2, "lo").header("upload-length", "6").send().await.status, 204);
    assert_eq!(look(&firm, path).await.header("upload-length"), "6");
    piece(&firm, path, 4, "ng").header("upload-length", "7").send().await.problem(409, "upload_length_conflict");
    piece(&firm, path, 4, "ngs").send().await.problem(413, "upload_piece_too_long");
    assert_eq!(piece(&firm, path, 4, "ng").send().await.header("upload-offset"), "6");
    assert_eq!(read(&firm, "later").await.text(), "oolong");
    assert_eq!(quota(&firm).await, (6, 0));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_with_another_checksum_is_discarded_whole() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let body = noise(2 * FIVE + 9);
    let path = begun(&firm, "checked", body.len()).await;
    let checked = |from: usize, sent: &[u8], sum: &str| {
        piece(&firm, &path, from, sent.to_vec()).header("upload-checksum", sum).send()
    };
    let sha256 = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Sha256::digest(bytes)));
    let wrong = sha256(b"something else");
    // Some of it has gone to the store as parts by then.
    let all_but_nine = &body[..2 * FIVE];
    let mismatch = checked(0, all_but_nine, &wrong).await;
    mismatch.problem(460, "upload_checksum_mismatch");
    assert_eq!(offset(&firm, &path).await, 0);
    checked(0, b"x", "md5 AAAA").await.problem(400, "tus_header_invalid");
    checked(0, b"x", "sha1 !").await.problem(400, "tus_header_invalid");
    assert_eq!(checked(0, b"", &wrong).await.status, 460);
    assert_eq!(piece(&firm, &path, 0, body[..7].to_vec()).send().await.status, 204);
    checked(7, &body[7..FIVE + 7], &wrong).await.problem(460, "upload_checksum_mismatch");
    assert_eq!(offset(&firm, &path).await, 7);
    assert_eq!(checked(7, &body[7..FIVE], &sha256(&body[7..FIVE])).await.header("upload-offset"), FIVE.to_string());
    assert_eq!(checked(FIVE, &body[FIVE..], &sha256(&body[FIVE..])).await.status, 204);
    assert!(read(&firm, "checked").await.body == body);
    let hello = begun(&firm, "hello", 11).await;
    let known = piece(&firm, &hello, 0, "hello world").header("upload-checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
    assert_eq!(known.send().await.status, 204);
    app.run_jobs().await;
}
