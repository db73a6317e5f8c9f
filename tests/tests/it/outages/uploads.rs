//! On the way in.

use super::{get, is_away, paths, put, settles, stage};
use crate::uploads::{
    begin, complete, hash, noise, put as put_directly, quota,
    tus::{begun, offset, piece},
};
use bytes::Bytes;
use futures_util::stream;
use reqwest::{Body, Method};
use serde_json::json;
use tests::Client;
use tokio::sync::mpsc;

/// The sender's end of a body.
type Pieces = mpsc::Sender<Result<Bytes, std::io::Error>>;

/// A body that comes as somebody gives its pieces.
fn body() -> (Pieces, Body) {
    let (send, pieces) = mpsc::channel(1);
    let pieces = stream::unfold(pieces, |mut pieces| async { pieces.recv().await.map(|piece| (piece, pieces)) });
    (send, Body::wrap_stream(pieces))
}

async fn give(pieces: &Pieces, bytes: &[u8]) {
    for piece in bytes.chunks(64 << 10) {
        // Whoever does not listen any more has answered.
        let _ = pieces.send(Ok(Bytes::copy_from_slice(piece))).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamed_upload_that_loses_the_store_is_answered_with_503_and_leaves_nothing() {
    let (app, firm, line) = stage().await;
    let bytes = noise(24 << 20);
    put(&firm, "kept.bin", b"before").await;
    let (pieces, sent) = body();
    let request = firm.owner.request(Method::PUT, "/v1/buckets/docs/files/half.bin").bytes(sent);
    let answer = tokio::spawn(request.send());
    // More than one part is in the store, and more than what may wait anywhere.
    give(&pieces, &bytes[..16 << 20]).await;
    line.cut();
    give(&pieces, &bytes[16 << 20..]).await;
    drop(pieces);
    is_away(&answer.await.unwrap());
    is_away(&put(&firm, "small.txt", b"while it is away").await);
    is_away(&put(&firm, "kept.bin", b"after").await);
    assert_eq!((paths(&firm).await, quota(&firm).await), (vec!["kept.bin".to_owned()], (6, 0)));
    line.mend();
    assert_eq!(get(&firm, "kept.bin").await.text(), "before");
    assert_eq!(put(&firm, "half.bin", &bytes).await.value()["sha256"], hash(&bytes));
    settles(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumable_upload_that_loses_the_store_goes_on_from_what_is_safe() {
    let (app, firm, line) = stage().await;
    let bytes = noise(14 << 20);
    let path = begun(&firm, "long.bin", bytes.len()).await;
    let first = piece(&firm, &path, 0, bytes[..6 << 20].to_vec()).send().await;
    assert_eq!(first.header("upload-offset"), (6 << 20).to_string());
    line.cut();
    is_away(&piece(&firm, &path, 6 << 20, bytes[6 << 20..].to_vec()).unchecked().send().await);
    assert_eq!(offset(&firm, &path).await, 6 << 20);
    line.mend();
    let (pieces, sent) = body();
    let second = tokio::spawn(piece(&firm, &path, 6 << 20, sent).unchecked().send());
    // The second part is safe before the line is cut again.
    give(&pieces, &bytes[6 << 20..11 << 20]).await;
    while offset(&firm, &path).await == 6 << 20 {
        tokio::task::yield_now().await;
    }
    line.cut();
    give(&pieces, &bytes[11 << 20..]).await;
    drop(pieces);
    is_away(&second.await.unwrap());
    let safe = offset(&firm, &path).await;
    assert!(safe > 6 << 20 && safe < bytes.len(), "{safe}");
    assert_eq!(paths(&firm).await, [""; 0]);
    line.mend();
    assert_eq!(piece(&firm, &path, safe, bytes[safe..].to_vec()).send().await.status, 204);
    assert_eq!(hash(&get(&firm, "long.bin").await.body), hash(&bytes));
    settles(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_upload_is_completed_once_the_store_is_back() {
    let (app, firm, line) = stage().await;
    let bytes = noise(300_000);
    let declared =
        json!({ "path": "direct.bin", "size_bytes": bytes.len(), "content_type": "application/octet-stream" });
    let upload = begin(&firm, declared).await.value();
    assert_eq!(put_directly(&upload, bytes.clone()).await, 200);
    line.cut();
    is_away(&complete(&firm, &upload).await);
    get(&firm, "direct.bin").await.problem(404, "not_found");
    assert_eq!(quota(&firm).await, (0, 300_000));
    line.mend();
    assert_eq!(complete(&firm, &upload).await.status, 201);
    assert_eq!(hash(&get(&firm, "direct.bin").await.body), hash(&bytes));
    settles(&app).await;
}

/// F19: the store answers, but with a refusal.
#[tokio::test(flavor = "multi_thread")]
async fn f19_a_store_that_has_too_much_to_do_is_told_as_such_at_once() {
    let (app, firm, line) = stage().await;
    put(&firm, "kept.txt", b"kept").await;
    let bytes = noise(12 << 20);
    let path = begun(&firm, "tus.bin", bytes.len()).await;
    line.refuse();
    let since = std::time::Instant::now();
    is_away(&put(&firm, "small.txt", b"small").await);
    is_away(&put(&firm, "large.bin", &bytes).await);
    is_away(&piece(&firm, &path, 0, bytes.clone()).unchecked().send().await);
    is_away(&get(&firm, "kept.txt").await);
    assert!(since.elapsed() < std::time::Duration::from_secs(30), "{:?}", since.elapsed());
    // What needs no bytes goes on.
    let firm_goes_on: &Client = &firm.owner;
    assert_eq!(firm_goes_on.get("/v1/storage/usage").ok().await["quota"]["used"], 4);
    assert_eq!((paths(&firm).await, offset(&firm, &path).await), (vec!["kept.txt".to_owned()], 0));
    line.mend();
    assert_eq!(piece(&firm, &path, 0, bytes).send().await.status, 204);
    settles(&app).await;
}
