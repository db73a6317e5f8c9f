//! What is stored comes back; what is not whole is not stored.

use crate::place::{BUCKET, Place, upload};
use bytes::Bytes;
use files::{ByteRange, Upload, UploadError};
use sha2::{Digest, Sha256};
use test_cluster::noise;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_come_back_whole_and_in_parts() {
    let (place, body) = (Place::new().await, noise(20 << 20));
    let firm = place.firm(1 << 30).await;
    let stored = place.put(&firm, "合同/大.bin", &body).await.unwrap();
    assert!(stored.created);
    let file = stored.file;
    assert_eq!(file.size_bytes, 20 << 20);
    assert_eq!(file.sha256, Sha256::digest(&body).to_vec());
    assert_eq!(file.content_type, "application/octet-stream");
    assert!(place.get(&firm, &file, None).await == body, "the content changed");
    for (first, last) in [(0, 0), (8 << 20, (8 << 20) + 70_000), ((20 << 20) - 1, (20 << 20) - 1)] {
        let range = ByteRange { first, last };
        let (from, to) = (usize::try_from(first).unwrap(), usize::try_from(last).unwrap());
        assert!(place.get(&firm, &file, Some(range)).await == body[from..=to], "{first}-{last}");
    }
    assert_eq!(place.stored(&firm).await, (20 << 20, 0));
    assert_eq!(place.objects(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_gets_versions_and_is_free_after_deletion() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    let empty = place.put(&firm, "a.txt", b"").await.unwrap().file;
    assert_eq!((empty.size_bytes, place.get(&firm, &empty, None).await), (0, Vec::new()));
    let second = place.put(&firm, "a.txt", "凤凰单丛".as_bytes()).await.unwrap();
    assert!(!second.created);
    assert_eq!(second.file.id, empty.id);
    assert_ne!(second.file.version_id, empty.version_id);
    assert_eq!(second.file.content_type, "text/plain; charset=utf-8");
    place.delete(&firm, "a.txt").await;
    assert!(place.find(&firm, "a.txt").await.is_none());
    let again = place.put(&firm, "a.txt", b"new").await.unwrap();
    assert!(again.created && again.file.id != empty.id);
    // The trash and older versions still count.
    assert_eq!(place.stored(&firm).await, (12 + 3, 0));
    let events = "SELECT count(*) FROM events WHERE type = 'file.";
    for (kind, expected) in [("created", 2), ("updated", 1), ("deleted", 1)] {
        assert_eq!(place.count(&format!("{events}{kind}'")), expected, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_breaks_off_leaves_nothing() {
    let place = Place::new().await;
    let firm = place.firm(1 << 30).await;
    // Before and after the first part of a multipart upload is on its way.
    for megabytes in [1, 20] {
        let received = place.begin(&firm, upload("broken.bin")).await.unwrap();
        for _ in 0..megabytes {
            assert!(received.push(Bytes::from(noise(1 << 20))).await);
        }
        let error = received.give_up().await;
        assert!(matches!(error, UploadError::Incomplete), "{error:?}");
    }
    assert!(place.find(&firm, "broken.bin").await.is_none());
    assert_eq!(place.stored(&firm).await, (0, 0));
    place.work().await;
    assert_eq!(place.objects(), 0);
    assert_eq!(place.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_break_a_rule_are_refused_and_leave_nothing() {
    let place = Place::new().await;
    let firm = place.firm(10_000).await;
    place.bucket(&firm, "small", Some(100), &[]).await;
    place.bucket(&firm, "pictures", None, &["image/*"]).await;
    let body = vec![b'x'; 200];
    let at = |bucket: &str, declared_bytes, content_type: Option<&str>| Upload {
        bucket: bucket.to_owned(),
        declared_bytes,
        content_type: content_type.map(str::to_owned),
        ..upload("a")
    };
    let refusal = async |upload| place.send(&firm, upload, &body).await.unwrap_err();
    assert!(matches!(refusal(at("none", None, None)).await, UploadError::NoBucket));
    for declared in [None, Some(200), Some(i64::MAX)] {
        assert!(matches!(refusal(at("small", declared, None)).await, UploadError::TooLarge { maximum: 100 }));
    }
    for content_type in [None, Some("application/octet-stream"), Some("text/html")] {
        let error = refusal(at("pictures", None, content_type)).await;
        assert!(matches!(error, UploadError::TypeNotAllowed { .. }), "{error:?}");
    }
    let error = refusal(at("pictures", None, Some("image/png"))).await;
    assert!(
        matches!(&error, UploadError::TypeContradicted { declared, found }
        if declared == "image/png" && found == "text/plain; charset=utf-8"),
        "{error:?}"
    );
    for declared in [0, 199, 201] {
        let error = refusal(at(BUCKET, Some(declared), None)).await;
        assert!(matches!(error, UploadError::Incomplete), "{declared}: {error:?}");
    }
    let error = refusal(at(BUCKET, Some(10_001), None)).await;
    assert!(matches!(error, UploadError::QuotaExceeded { maximum: 10_000, used: 0 }), "{error:?}");
    let picture = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0; 184]].concat();
    assert!(place.send(&firm, at("pictures", Some(200), Some("image/png")), &picture).await.unwrap().created);
    place.work().await;
    assert_eq!((place.stored(&firm).await, place.objects()), ((200, 0), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_object_store_nothing_is_stored_and_nothing_stays_reserved() {
    let place = Place::new().await;
    let firm = place.firm(1 << 20).await;
    let file = place.put(&firm, "kept.bin", b"kept").await.unwrap().file;
    let readable = place.readable(&firm, &file).await;
    place.line.cut();
    let error = place.put(&firm, "lost.bin", b"lost").await.unwrap_err();
    assert!(matches!(error, UploadError::Store(_)), "{error:?}");
    let pieces: Vec<_> = futures_util::StreamExt::collect(place.store.stream(&readable, None)).await;
    assert!(pieces.last().unwrap().is_err(), "a reader must see that bytes are missing");
    assert_eq!(place.stored(&firm).await, (4, 0));
    assert!(!place.store.is_reachable().await);
}
