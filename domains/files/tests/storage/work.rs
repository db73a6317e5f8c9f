//! Background work: uploads that never ended, and byte-hours.

use crate::place::{BUCKET, Place, upload};
use bytes::Bytes;
use chrono::Duration;
use db::{DbError, TenantScope};
use files::{StorageUsage, Traffic, Upload, UploadError};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_lasts_a_day_is_given_up_and_its_late_object_goes_too() {
    let place = Place::new().await;
    let firm = place.firm(10_000).await;
    let received = place.begin(&firm, Upload { declared_bytes: Some(4), ..upload("late") }).await.unwrap();
    assert!(received.push(Bytes::from_static(b"late")).await);
    assert_eq!(place.stored(&firm).await, (0, 4));
    place.clock.advance(Duration::hours(23));
    place.work().await;
    assert_eq!(place.stored(&firm).await, (0, 4), "given up too early");
    place.clock.advance(Duration::hours(1));
    place.work().await;
    assert_eq!(place.stored(&firm).await, (0, 0));
    assert_eq!(place.count("SELECT count(*) FROM blobs WHERE state = 'gone'"), 1);
    // Only now does the sender end, and the object is stored.
    let error = received.end().await.unwrap_err();
    assert!(matches!(error, UploadError::Expired), "{error:?}");
    assert!(place.find(&firm, "late").await.is_none());
    assert_eq!(place.objects(), 1);
    place.work().await;
    assert_eq!((place.objects(), place.stored(&firm).await), (0, (0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn byte_hours_are_bytes_times_hours() {
    let place = Place::new().await;
    let firm = place.firm(1 << 20).await;
    place.put(&firm, "a", &[1; 1_000]).await.unwrap();
    place.clock.advance(Duration::minutes(90));
    assert_eq!(usage(&place, &firm).await.byte_hours, 1_500);
    place.put(&firm, "b", &[1; 501]).await.unwrap();
    place.clock.advance(Duration::minutes(30));
    // 1000 x 1.5 + 1501 x 0.5 = 2250.5: half a byte-hour waits.
    assert_eq!(usage(&place, &firm).await.byte_hours, 2_250);
    place.delete(&firm, "a").await;
    for _ in 0..6 {
        place.clock.advance(Duration::minutes(10));
        place.work().await;
    }
    // What is in the trash is stored still: 2250.5 + 1501.
    let usage = usage(&place, &firm).await;
    assert_eq!(usage.byte_hours, 3_751);
    assert_eq!(usage.buckets.iter().map(|bucket| bucket.bytes).sum::<i64>(), 1_501);
    assert_eq!(usage.limit.unwrap().used, 1_501);
    place.clock.advance(Duration::hours(1));
    place.work().await;
    let counted =
        "SELECT coalesce(sum(quantity), 0)::bigint AS count FROM usage_events WHERE meter = 'storage_byte_hours'";
    assert_eq!(place.count(counted), 5_252);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_sent_are_counted_for_the_period() {
    let place = Place::new().await;
    let firm = place.firm(10).await;
    let traffic = Traffic::new(place.db.clone());
    for bytes in [3, 4] {
        traffic.sent(&firm, BUCKET, bytes);
        traffic.write_down(firm.tenant()).await;
    }
    assert_eq!(usage(&place, &firm).await.egress_bytes, 7);
}

async fn usage(place: &Place, firm: &TenantScope) -> StorageUsage {
    let (from, to) = ("2030-01-01T00:00:00Z".parse().unwrap(), "2030-02-01T00:00:00Z".parse().unwrap());
    place.run::<_, DbError, _>(firm, move |tx| files::storage_usage(tx, from, to)).await.unwrap()
}
