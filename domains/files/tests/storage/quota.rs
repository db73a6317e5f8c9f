//! Limits under pressure.

use crate::{
    place::{Place, upload},
    reconcile::compare,
};
use db::DbError;
use files::{Upload, UploadError};
use metering::Meter;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hundred_uploads_at_once_exactly_as_many_fit_as_there_is_room() {
    let place = Arc::new(Place::new().await);
    let firm = place.firm(100_000).await;
    let tries: Vec<_> = (0_u8..200)
        .map(|number| {
            let (place, firm, body) = (Arc::clone(&place), firm.clone(), [number; 1_000]);
            let upload = Upload { declared_bytes: Some(1_000), ..upload(&format!("{number}.bin")) };
            tokio::spawn(async move { place.send(&firm, upload, &body).await })
        })
        .collect();
    let mut stored = 0;
    for attempt in tries {
        match attempt.await.unwrap() {
            Ok(_) => stored += 1,
            Err(error) => {
                assert!(matches!(error, UploadError::QuotaExceeded { maximum: 100_000, .. }), "{error:?}");
            }
        }
    }
    assert_eq!((stored, place.stored(&firm).await), (100, (100_000, 0)));
    assert_eq!(place.count("SELECT coalesce(sum(size_bytes), 0)::bigint AS count FROM file_versions"), 100_000);
    place.work().await;
    assert_eq!(place.objects(), 100);
    let late = chrono::Utc::now() + chrono::Duration::days(3_650);
    assert_eq!(compare(&place, late).await, [], "nothing for the reconciler to do");
    let mut shown = place.column("SELECT tenant_id || '/' || id AS answer FROM blobs WHERE state = 'live'");
    for key in &mut shown {
        *key = key.replace('-', "");
    }
    shown.sort_unstable();
    assert_eq!((shown.len(), place.keys()), (100, shown));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_path_written_by_many_at_once_is_one_file_with_as_many_versions() {
    let place = Arc::new(Place::new().await);
    let firm = place.firm(1 << 20).await;
    let tries: Vec<_> = (0..20)
        .map(|number| {
            let (place, firm) = (Arc::clone(&place), firm.clone());
            tokio::spawn(async move { place.put(&firm, "same.txt", &[number; 10]).await.unwrap().created })
        })
        .collect();
    let mut created = 0;
    for attempt in tries {
        created += i32::from(attempt.await.unwrap());
    }
    assert_eq!((created, place.stored(&firm).await), (1, (200, 0)));
    assert_eq!(place.count("SELECT count(*) FROM files"), 1);
    assert_eq!(place.count("SELECT count(*) FROM file_versions"), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_room_can_be_filled_by_an_upload_of_unknown_length() {
    let place = Place::new().await;
    let firm = place.firm(300_000).await;
    place.put(&firm, "fits.bin", &vec![1; 300_000]).await.unwrap();
    let error = place.put(&firm, "more.bin", b"1").await.unwrap_err();
    assert!(matches!(error, UploadError::QuotaExceeded { maximum: 300_000, used: 300_000 }), "{error:?}");
    assert_eq!(place.stored(&firm).await, (300_000, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_near_the_limit_is_told_once_for_each_mark() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    let told = |place: &Place| {
        let marks = "SELECT count(*) FROM events WHERE type = 'usage.threshold_reached'
            AND (data->'object'->>'percent')::int = ";
        [80, 95].map(|mark| place.count(&format!("{marks}{mark}")))
    };
    place.put(&firm, "a", &[1; 799]).await.unwrap();
    assert_eq!(told(&place), [0, 0]);
    place.put(&firm, "b", &[1; 1]).await.unwrap();
    place.put(&firm, "c", &[1; 149]).await.unwrap();
    assert_eq!(told(&place), [1, 0]);
    place.put(&firm, "d", &[1; 51]).await.unwrap();
    assert_eq!(told(&place), [1, 1]);
    // A larger plan, and the room of that is used too.
    place.run::<_, DbError, _>(&firm, |tx| metering::set_limit(tx, Meter::StorageBytes, 10_000)).await.unwrap();
    place.put(&firm, "e", &[1; 1]).await.unwrap();
    place.put(&firm, "f", &[2; 7_999]).await.unwrap();
    assert_eq!(told(&place), [2, 1]);
    assert_eq!(place.count("SELECT count(*) FROM audit_log WHERE action = 'usage.threshold_reached'"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_fill_the_storage_together_one_tells() {
    let place = Arc::new(Place::new().await);
    let firm = place.firm(1_000).await;
    let tries: Vec<_> = (0..100_u8)
        .map(|number| {
            let (place, firm) = (Arc::clone(&place), firm.clone());
            let upload = Upload { declared_bytes: Some(10), ..upload(&number.to_string()) };
            tokio::spawn(async move { place.send(&firm, upload, &[number; 10]).await.unwrap() })
        })
        .collect();
    for attempt in tries {
        attempt.await.unwrap();
    }
    assert_eq!(place.stored(&firm).await, (1_000, 0));
    for mark in [80, 95] {
        let events = format!(
            "SELECT count(*) FROM events WHERE type = 'usage.threshold_reached'
             AND (data->'object'->>'percent')::int = {mark}"
        );
        assert_eq!(place.count(&events), 1, "{mark}");
    }
}
