//! What buckets hold and move, day by day, against what the firm is billed for.

use crate::place::{BUCKET, Place, upload};
use chrono::{Duration, NaiveDate};
use db::{DbError, TenantScope};
use files::{BucketDay, Destination, File, FileError, Traffic, Upload};
use kernel::{Clock, ids::FileId};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

async fn days(place: &Place, firm: &TenantScope) -> Vec<BucketDay> {
    let last = place.clock.now().date_naive();
    let first: NaiveDate = "2030-01-01".parse().unwrap();
    place.run::<_, DbError, _>(firm, move |tx| files::storage_days(tx, first, last)).await.unwrap()
}

/// Byte-seconds that the firm is billed for, those that make no whole byte-hour yet included.
fn billed(place: &Place) -> i128 {
    let events =
        "SELECT coalesce(sum(quantity), 0)::bigint AS count FROM usage_events WHERE meter = 'storage_byte_hours'";
    let rest = "SELECT coalesce(sum(remainder), 0)::bigint AS count FROM storage_gauges";
    i128::from(place.count(events)) * 3_600 + i128::from(place.count(rest))
}

/// What each bucket holds now, by the rows of versions themselves.
fn held(place: &Place, bucket: &str) -> i64 {
    place.count(&format!(
        "SELECT coalesce(sum(v.size_bytes), 0)::bigint AS count FROM file_versions v
         JOIN files f ON f.tenant_id = v.tenant_id AND f.id = v.file_id
         JOIN buckets b ON b.tenant_id = f.tenant_id AND b.id = f.bucket_id WHERE b.name = '{bucket}'"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_of_buckets_add_up_to_what_is_billed() {
    let place = Place::new().await;
    let firm = place.firm(1 << 30).await;
    place.bucket(&firm, "other", None, &[]).await;
    let (mut dice, mut oracle) = (Dice(0x5eed_cafe), BTreeMap::<(NaiveDate, &str), i128>::new());
    let mut stored = Vec::new();
    for step in 0..60_u64 {
        let bucket = if dice.throw(2) == 0 { BUCKET } else { "other" };
        match dice.throw(5) {
            0..=2 => {
                let body = vec![7; usize::try_from(dice.throw(5_000)).unwrap()];
                let path = format!("f{}", dice.throw(6));
                let upload = Upload { bucket: bucket.to_owned(), ..upload(&path) };
                stored.push(place.send(&firm, upload, &body).await.unwrap().file.id);
            }
            3 if !stored.is_empty() => carry(&place, &firm, &stored, &mut dice, (bucket, step)).await,
            _ => {
                place.sql("UPDATE file_versions SET purge_at = now() - interval '50 years' WHERE purge_at IS NOT NULL");
                place.sql("UPDATE storage_gauges SET next_purge_at = since");
                place.work().await;
            }
        }
        // Every bucket is watched for as long as nothing changes, second by second in whole minutes.
        let minutes = i64::try_from(dice.throw(300)).unwrap();
        for bucket in [BUCKET, "other"] {
            let bytes = i128::from(held(&place, bucket));
            for minute in 0..minutes {
                let day = (place.clock.now() + Duration::minutes(minute)).date_naive();
                *oracle.entry((day, bucket)).or_default() += bytes * 60;
            }
        }
        place.clock.advance(Duration::minutes(minutes));
    }
    place.work().await;
    let found = days(&place, &firm).await;
    assert!(found.iter().map(|row| row.day).collect::<BTreeSet<_>>().len() > 4);
    for ((day, bucket), expected) in &oracle {
        let row = found.iter().find(|row| (row.day, row.bucket.as_str()) == (*day, bucket));
        assert_eq!(row.map_or(0, |row| row.byte_seconds), *expected, "{day} {bucket}");
    }
    place.clock.advance(Duration::hours(1));
    place.work().await;
    let sum: i128 = days(&place, &firm).await.iter().map(|row| row.byte_seconds).sum();
    assert_eq!(sum, billed(&place));
    let last = days(&place, &firm).await.into_iter().rfind(|row| row.bucket == BUCKET).unwrap();
    assert_eq!(last.bytes, held(&place, BUCKET));
}

/// Copies or moves a file to another place.
async fn carry(place: &Place, firm: &TenantScope, stored: &[FileId], dice: &mut Dice, (bucket, step): (&str, u64)) {
    let id = stored[usize::try_from(dice.throw(u64::try_from(stored.len()).unwrap())).unwrap()];
    let to = Destination { bucket: Some(bucket.to_owned()), path: format!("moved-{step}").parse().unwrap() };
    let copies = dice.throw(2) == 0;
    let work = move |tx: &mut db::TenantTx<'_>| {
        if copies { files::copy_file(tx, id, &to) } else { files::move_file(tx, id, &to, None) }
    };
    place.run::<File, FileError, _>(firm, work).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_bucket_keeps_its_days_and_another_firm_sees_none() {
    let place = Place::new().await;
    let (firm, other) = (place.firm(1 << 20).await, place.firm(1 << 20).await);
    place.clock.advance(Duration::hours(23));
    place.put(&firm, "a", &[1; 1_000]).await.unwrap();
    place.clock.advance(Duration::hours(2));
    place.delete(&firm, "a").await;
    place.clock.advance(Duration::days(31));
    place.work().await;
    place.run(&firm, |tx| files::delete_bucket(tx, BUCKET)).await.unwrap();
    place.clock.advance(Duration::days(3));
    let found = days(&place, &firm).await;
    let told: Vec<_> = found.iter().map(|row| (row.day.to_string(), row.bytes, row.byte_seconds / 3_600)).collect();
    assert_eq!(told[0], ("2030-01-01".to_owned(), 1_000, 1_000));
    assert_eq!(told[1], ("2030-01-02".to_owned(), 1_000, 24_000));
    assert_eq!(told.last().unwrap(), &("2030-02-02".to_owned(), 0, 1_000), "as long as it lay in the trash");
    assert_eq!((found.len(), found[0].write_requests, found[1].write_requests), (33, 1, 0));
    assert_eq!(days(&place, &other).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_cannot_be_written_down_wait_and_are_counted_once() {
    let place = Place::new().await;
    let firm = place.firm(10).await;
    let traffic = Traffic::new(place.db.clone());
    traffic.answered(&firm, BUCKET);
    traffic.sent(&firm, BUCKET, 3);
    place.sql("ALTER TABLE bucket_traffic_days RENAME TO elsewhere");
    traffic.write_down(firm.tenant()).await;
    place.sql("ALTER TABLE elsewhere RENAME TO bucket_traffic_days");
    place.clock.advance(Duration::days(1));
    traffic.answered(&firm, BUCKET);
    traffic.sent(&firm, BUCKET, 4);
    traffic.write_all_down().await;
    traffic.write_all_down().await;
    let moved: Vec<_> = days(&place, &firm)
        .await
        .iter()
        .map(|row| (row.day.to_string(), row.read_requests, row.egress_bytes))
        .collect();
    assert_eq!(moved, [("2030-01-01".to_owned(), 1, 3), ("2030-01-02".to_owned(), 1, 4)]);
    let billed = "SELECT sum(quantity)::bigint AS count FROM usage_events WHERE meter = 'egress_bytes'";
    assert_eq!(place.count(billed), 7);
}
