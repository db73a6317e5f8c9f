//! The object store goes away in the middle, and comes back.

use crate::place::{Place, upload};
use bytes::Bytes;
use chrono::Duration;
use files::{Upload, UploadError};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use test_cluster::noise;

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_loses_the_store_leaves_no_file_and_no_reservation() {
    let place = Place::new().await;
    let firm = place.firm(1 << 30).await;
    let received = place.begin(&firm, upload("half.bin")).await.unwrap();
    // The first parts are in the store.
    for _ in 0..20 {
        assert!(received.push(Bytes::from(noise(1 << 20))).await);
    }
    place.line.cut();
    for _ in 0..20 {
        if !received.push(Bytes::from(noise(1 << 20))).await {
            break;
        }
    }
    let error = received.end().await.unwrap_err();
    assert!(matches!(error, UploadError::Store(_)), "{error:?}");
    assert!(place.find(&firm, "half.bin").await.is_none());
    assert_eq!(place.stored(&firm).await, (0, 0));
    place.line.mend();
    let body = noise(9 << 20);
    let file = place.put(&firm, "half.bin", &body).await.unwrap().file;
    assert_eq!(file.sha256, Sha256::digest(&body).to_vec());
    settle(&place).await;
    assert_eq!((place.objects(), place.stored(&firm).await), (1, (9 << 20, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_loses_the_store_sees_that_bytes_are_missing() {
    let place = Place::new().await;
    let firm = place.firm(1 << 30).await;
    let body = noise(20 << 20);
    let file = place.put(&firm, "long.bin", &body).await.unwrap().file;
    let readable = place.readable(&firm, &file).await;
    let mut pieces = Box::pin(place.store.stream(&readable, None));
    let mut got = pieces.next().await.unwrap().unwrap().len();
    place.line.cut();
    let mut failed = false;
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => got += piece.len(),
            Err(_) => failed = true,
        }
    }
    assert!(failed && got < body.len(), "{got} bytes and no error");
    place.line.mend();
    assert!(place.get(&firm, &file, None).await == body, "the content changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_cannot_be_deleted_now_are_deleted_later() {
    let place = Place::new().await;
    let firm = place.firm(1 << 20).await;
    for name in ["a", "b", "c"] {
        let received = place.begin(&firm, Upload { declared_bytes: Some(9), ..upload(name) }).await.unwrap();
        assert!(received.push(Bytes::from_static(b"too short")).await);
        drop(received);
    }
    place.put(&firm, "kept", b"kept").await.unwrap();
    place.clock.advance(Duration::days(2));
    place.line.cut();
    place.work_that_may_fail().await;
    place.line.mend();
    settle(&place).await;
    assert_eq!((place.objects(), place.stored(&firm).await), (1, (4, 0)));
    assert_eq!(place.count("SELECT count(*) FROM blobs WHERE state IN ('pending', 'doomed')"), 0);
}

/// Runs what is due, and what failed before.
async fn settle(place: &Place) {
    for _ in 0..3 {
        place.clock.advance(Duration::hours(2));
        place.work().await;
    }
}
