//! Connections that break, requests at the same time, and processes that die.

use super::{
    firm_with_docs, hash, noise, quota,
    tus::{begun, look, offset, piece, read},
};
use bytes::Bytes;
use futures_util::stream;
use std::io::Write;
use tests::{Firm, TestApp};

/// Sends the head of a piece of `length` bytes and some of them, and breaks the connection off.
fn broken(firm: &Firm, path: &str, from: usize, (length, sent): (usize, &[u8])) {
    let address = firm.owner.base().trim_start_matches("http://").to_owned();
    let mut socket = std::net::TcpStream::connect(&address).unwrap();
    write!(
        socket,
        "PATCH {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
         Upload-Offset: {from}\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {length}\r\n\r\n",
        firm.owner.token().unwrap()
    )
    .unwrap();
    socket.write_all(sent).unwrap();
}

/// Looks until the upload stands where it should; nothing else moves it.
async fn stands_at(firm: &Firm, path: &str, expected: usize) {
    while offset(firm, path).await != expected {
        tokio::task::yield_now().await;
    }
}

/// Waits until so many uploads are being written to.
async fn locked(app: &TestApp, uploads: i64) {
    while app.count("SELECT count(*) FROM uploads WHERE lock_id IS NOT NULL") != uploads {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_before_a_break_is_kept() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let body = noise(12 << 20);
    let path = begun(&firm, "broken.bin", body.len()).await;
    let mut from = 0;
    for length in [1, 1 << 20, 6 << 20] {
        broken(&firm, &path, from, (body.len() - from, &body[from..from + length]));
        from += length;
        stands_at(&firm, &path, from).await;
    }
    locked(&app, 0).await;
    assert_eq!(piece(&firm, &path, from, body[from..].to_vec()).send().await.status, 204);
    let stored = read(&firm, "broken.bin").await;
    assert_eq!(hash(&stored.body), hash(&body));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state NOT IN ('live', 'gone')"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_piece_with_a_checksum_that_breaks_off_counts_for_nothing() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let path = begun(&firm, "a", 10).await;
    let short = stream::iter([Ok(Bytes::from("01234")), Err(std::io::Error::other("gone"))]);
    let sent = reqwest::Client::new()
        .patch(format!("{}{path}", firm.owner.base()))
        .bearer_auth(firm.owner.token().unwrap())
        .header("tus-resumable", "1.0.0")
        .header("upload-offset", "0")
        .header("upload-checksum", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")
        .header("content-type", "application/offset+octet-stream")
        .body(reqwest::Body::wrap_stream(short))
        .send()
        .await;
    assert!(sent.is_err());
    locked(&app, 0).await;
    assert_eq!(offset(&firm, &path).await, 0);
    assert_eq!(piece(&firm, &path, 0, "0123456789").send().await.status, 204);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_pieces_at_once_one_is_written() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let path = begun(&firm, "a", 8).await;
    let (send, pieces) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let pieces = stream::unfold(pieces, |mut pieces| async { pieces.recv().await.map(|piece| (piece, pieces)) });
    let first = tokio::spawn(piece(&firm, &path, 0, reqwest::Body::wrap_stream(pieces)).send());
    send.send(Ok(Bytes::from("good"))).await.unwrap();
    locked(&app, 1).await;
    piece(&firm, &path, 0, "evil").send().await.problem(423, "upload_locked");
    piece(&firm, &path, 4, "evil").send().await.problem(423, "upload_locked");
    assert_eq!(offset(&firm, &path).await, 0);
    drop(send);
    let first = first.await.unwrap();
    assert_eq!((first.status, first.header("upload-offset")), (204, "4"));
    piece(&firm, &path, 0, "evil").send().await.problem(409, "upload_offset_conflict");
    let all = (0..8).map(|at| piece(&firm, &path, 4, format!("tea{at}")).send());
    let all = futures_util::future::join_all(all).await;
    let won: Vec<_> = all.iter().enumerate().filter(|(_, answer)| answer.status == 204).collect();
    assert_eq!(won.len(), 1, "{:?}", all.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(all.iter().all(|answer| matches!(answer.status, 204 | 409 | 423)));
    assert_eq!(read(&firm, "a").await.text(), format!("goodtea{}", won[0].0));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lock_of_a_process_that_died_is_free_after_a_while() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let path = begun(&firm, "a", 4).await;
    let until = "'2026-11-02T02:00:30Z'";
    app.database.sql(&format!("UPDATE uploads SET lock_id = gen_random_uuid(), locked_until = {until}"));
    piece(&firm, &path, 0, "text").send().await.problem(423, "upload_locked");
    app.clock.advance(chrono::Duration::seconds(31));
    assert_eq!(piece(&firm, &path, 0, "text").send().await.status, 204);
    app.run_jobs().await;
}

/// All bytes are safe and the request that brought them was lost: the upload finishes without it, by the worker or by a look.
#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_upload_finishes_without_its_sender() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let body = noise(6 << 20);
    for (name, by_worker) in [("a", true), ("b", false)] {
        let path = begun(&firm, name, body.len()).await;
        // Nothing can be shown at present.
        app.database.sql("ALTER TABLE file_versions ADD CONSTRAINT broken CHECK (false) NOT VALID");
        let sent = piece(&firm, &path, 0, body.clone()).unchecked().send().await;
        assert_eq!(sent.status, 500, "{}", sent.text());
        assert_eq!(app.count("SELECT count(*) FROM uploads WHERE state = 'sealed'"), 1);
        app.database.sql("ALTER TABLE file_versions DROP CONSTRAINT broken");
        if by_worker {
            app.run_jobs().await;
            assert_eq!(app.count("SELECT count(*) FROM uploads WHERE state = 'done'"), 1);
        }
        assert_eq!(look(&firm, &path).await.header("upload-offset"), body.len().to_string());
        assert!(read(&firm, name).await.body == body);
    }
    assert_eq!(quota(&firm).await.1, 0);
    app.run_jobs().await;
}
