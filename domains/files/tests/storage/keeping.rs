//! Older versions, the trash, equal bytes, holds, and when all of it is deleted for good.

use crate::place::{BUCKET, Place};
use chrono::Duration;
use db::{DbError, TenantScope};
use files::{Destination, FileError, UpdateBucket, Version};
use kernel::{
    ids::{FileId, FileVersionId},
    pages::PageRequest,
};
use std::sync::Arc;
use tokio::sync::Barrier;

impl Place {
    async fn versions(&self, firm: &TenantScope, file: FileId) -> Vec<Version> {
        let all = PageRequest { limit: 100, after: None };
        self.run(firm, move |tx| files::list_versions(tx, file, &all)).await.unwrap().data
    }

    async fn purge(&self, firm: &TenantScope, file: FileId) -> Result<(), FileError> {
        self.run(firm, move |tx| files::purge_file(tx, file)).await
    }

    async fn restore(&self, firm: &TenantScope, file: FileId) -> Result<files::File, FileError> {
        self.run(firm, move |tx| files::restore_file(tx, file, None)).await
    }

    async fn restore_version(&self, firm: &TenantScope, file: FileId, version: FileVersionId) -> files::File {
        self.run(firm, move |tx| files::restore_version(tx, file, version)).await.unwrap()
    }

    async fn copy(&self, firm: &TenantScope, file: FileId, path: &str) -> Result<files::File, FileError> {
        let to = Destination { bucket: None, path: path.parse().unwrap() };
        self.run(firm, move |tx| files::copy_file(tx, file, &to)).await
    }

    async fn set_limit(&self, firm: &TenantScope, bytes: i64) {
        let set = move |tx: &mut db::TenantTx<'_>| metering::set_limit(tx, metering::Meter::StorageBytes, bytes);
        self.run::<_, DbError, _>(firm, set).await.unwrap();
    }

    async fn set(&self, firm: &TenantScope, change: UpdateBucket) {
        self.run(firm, move |tx| files::update_bucket(tx, BUCKET, &change, None)).await.unwrap();
    }

    /// Lets time pass and the sweeper come by.
    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.work().await;
        self.clock.advance(Duration::minutes(10));
        self.work().await;
    }

    /// The books of a firm agree with each other, and with what the object store holds.
    fn is_consistent(&self) {
        let wrong = self.count(
            "SELECT count(*) FROM blobs b WHERE state = 'live' AND NOT derived AND refs <> (SELECT count(*) FROM file_versions v
             WHERE v.tenant_id = b.tenant_id AND v.blob_id = b.id)",
        );
        assert_eq!(wrong, 0, "blobs with a wrong number of uses");
        let sums = "SELECT (SELECT coalesce(sum(size_bytes), 0) FROM file_versions)::bigint
             - (SELECT sum(used) FROM limits WHERE meter = 'storage_bytes')::bigint AS count";
        assert_eq!(self.count(sums), 0, "the quota and the sum of versions differ");
        let gauges = "SELECT (SELECT coalesce(sum(bytes), 0) FROM storage_gauges)::bigint
             - (SELECT sum(used) FROM limits WHERE meter = 'storage_bytes')::bigint AS count";
        assert_eq!(self.count(gauges), 0, "the gauge and the quota differ");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overwritten_version_comes_back_and_nothing_is_counted_anew() {
    let place = Place::new().await;
    let firm = place.firm(12).await;
    let first = place.put(&firm, "a.txt", b"first").await.unwrap().file;
    let second = place.put(&firm, "a.txt", b"second!").await.unwrap().file;
    let back = place.restore_version(&firm, first.id, first.version_id).await;
    assert_eq!(place.get(&firm, &back, None).await, b"first");
    assert_eq!((back.version_id, back.revision), (first.version_id, 3));
    let versions = place.versions(&firm, first.id).await;
    let told: Vec<_> = versions.iter().map(|version| (version.id, version.replaced_at.is_none())).collect();
    assert_eq!(told, [(second.version_id, false), (first.version_id, true)]);
    assert_eq!(place.stored(&firm).await, (12, 0));
    // What is shown already is not restored again.
    assert_eq!(place.restore_version(&firm, first.id, first.version_id).await.revision, 3);
    place.is_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_bytes_are_stored_once_in_a_firm_and_never_shared_with_another() {
    let place = Place::new().await;
    let (firm, other) = (place.firm(1_000).await, place.firm(1_000).await);
    let one = place.put(&firm, "one.txt", b"the same").await.unwrap().file;
    let two = place.put(&firm, "two.txt", b"the same").await.unwrap().file;
    let copy = place.copy(&firm, one.id, "three.txt").await.unwrap();
    assert!(one.blob_id == two.blob_id && one.blob_id == copy.blob_id);
    assert!(place.copy(&firm, one.id, "two.txt").await.is_err(), "the place is taken");
    place.set_limit(&firm, 31).await;
    assert!(matches!(
        place.copy(&firm, one.id, "four.txt").await,
        Err(FileError::QuotaExceeded { maximum: 31, used: 24 })
    ));
    let foreign = place.put(&other, "one.txt", b"the same").await.unwrap().file;
    assert_ne!(foreign.blob_id, one.blob_id);
    place.work().await;
    assert_eq!((place.stored(&firm).await, place.stored(&other).await, place.objects()), ((24, 0), (8, 0), 2));
    place.is_consistent();
    // The bytes stay as long as one file shows them.
    for path in ["one.txt", "two.txt"] {
        let file = place.find(&firm, path).await.unwrap();
        place.delete(&firm, path).await;
        place.purge(&firm, file.id).await.unwrap();
    }
    place.work().await;
    assert_eq!(place.get(&firm, &copy, None).await, b"the same");
    assert_eq!((place.stored(&firm).await, place.objects()), ((8, 0), 2));
    place.delete(&firm, "three.txt").await;
    place.purge(&firm, copy.id).await.unwrap();
    place.work().await;
    assert_eq!((place.stored(&firm).await, place.objects()), ((0, 0), 1));
    assert_eq!(place.get(&other, &foreign, None).await, b"the same");
    place.is_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_uploads_of_the_same_bytes_at_once_store_them_once() {
    let place = Arc::new(Place::new().await);
    let firm = place.firm(1_000_000).await;
    let barrier = Arc::new(Barrier::new(30));
    let uploads = (0..30).map(|n| {
        let (place, firm, barrier) = (Arc::clone(&place), firm.clone(), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            place.put(&firm, &format!("{n}.txt"), &[7; 1_000]).await.unwrap().file.blob_id
        })
    });
    let blobs = futures_util::future::join_all(uploads).await;
    let blobs: std::collections::HashSet<_> = blobs.into_iter().map(Result::unwrap).collect();
    place.work().await;
    assert_eq!((blobs.len(), place.stored(&firm).await, place.objects()), (1, (30_000, 0), 1));
    place.is_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn trash_and_old_versions_go_after_their_days_and_not_before() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    place.set(&firm, UpdateBucket { trash_days: Some(7), version_days: Some(3), ..UpdateBucket::default() }).await;
    let file = place.put(&firm, "a.txt", b"old").await.unwrap().file;
    place.put(&firm, "a.txt", b"newer").await.unwrap();
    let gone = place.put(&firm, "b.txt", b"thrown").await.unwrap().file;
    place.delete(&firm, "b.txt").await;
    place.pass(Duration::days(3) - Duration::minutes(30)).await;
    assert_eq!(place.versions(&firm, file.id).await.len(), 2, "a version went too early");
    place.pass(Duration::minutes(30)).await;
    assert_eq!(place.versions(&firm, file.id).await.len(), 1);
    assert_eq!((place.stored(&firm).await, place.objects()), ((5 + 6, 0), 2));
    place.pass(Duration::days(4)).await;
    assert_eq!((place.stored(&firm).await, place.objects()), ((5, 0), 1));
    assert!(matches!(place.restore(&firm, gone.id).await, Err(FileError::NotFound)));
    assert_eq!(place.count("SELECT count(*) FROM file_history"), 2, "history of a file that is gone");
    place.is_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn new_times_of_keeping_count_for_what_waits_already() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    for body in ["1", "22", "333", "4444"] {
        place.put(&firm, "a.txt", body.as_bytes()).await.unwrap();
    }
    let file = place.find(&firm, "a.txt").await.unwrap().id;
    place.set(&firm, UpdateBucket { keep_versions: Some(Some(2)), ..UpdateBucket::default() }).await;
    place.work().await;
    let kept = |versions: Vec<Version>| versions.iter().map(|version| version.size_bytes).collect::<Vec<_>>();
    assert_eq!(kept(place.versions(&firm, file).await), [4, 3, 2]);
    place.put(&firm, "a.txt", b"55555").await.unwrap();
    place.work().await;
    assert_eq!(kept(place.versions(&firm, file).await), [5, 4, 3]);
    place.set(&firm, UpdateBucket { version_days: Some(0), ..UpdateBucket::default() }).await;
    place.work().await;
    assert_eq!(kept(place.versions(&firm, file).await), [5]);
    place.set(&firm, UpdateBucket { trash_days: Some(0), ..UpdateBucket::default() }).await;
    place.delete(&firm, "a.txt").await;
    place.work().await;
    assert_eq!((place.stored(&firm).await, place.objects()), ((0, 0), 0));
    place.is_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_file_survives_trash_and_retention_until_the_last_hold_ends() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    let file = place.put(&firm, "evidence.pdf", b"one").await.unwrap().file;
    place.put(&firm, "evidence.pdf", b"two!").await.unwrap();
    let hold = |cause: &'static str| {
        let id = file.id;
        place.run(&firm, move |tx| files::place_hold(tx, id, cause, "court 4711"))
    };
    let (member, dispute) = (hold("member").await.unwrap(), hold("dsp_1").await.unwrap());
    place.delete(&firm, "evidence.pdf").await;
    assert!(matches!(place.purge(&firm, file.id).await, Err(FileError::Held)));
    let old = place.run(&firm, move |tx| files::purge_version(tx, file.id, file.version_id));
    assert!(matches!(old.await, Err(FileError::Held)));
    place.pass(Duration::days(400)).await;
    assert_eq!(place.stored(&firm).await, (7, 0));
    let release = |cause: &'static str, hold: files::Hold| {
        place.run(&firm, move |tx| files::release_hold(tx, hold.file_id, cause, hold.id))
    };
    assert!(matches!(release("member", dispute.clone()).await, Err(FileError::NotFound)), "a dispute's hold");
    release("member", member).await.unwrap();
    place.pass(Duration::minutes(1)).await;
    assert_eq!(place.stored(&firm).await, (7, 0), "one hold stands");
    release("dsp_1", dispute).await.unwrap();
    place.pass(Duration::minutes(1)).await;
    assert_eq!((place.stored(&firm).await, place.objects()), ((0, 0), 0));
    place.is_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_restore_and_a_purge_at_once_one_happens() {
    let place = Arc::new(Place::new().await);
    let firm = place.firm(10_000).await;
    for n in 0..20 {
        let path: &'static str = Box::leak(format!("{n}.txt").into_boxed_str());
        let file = place.put(&firm, path, format!("body {n}").as_bytes()).await.unwrap().file;
        place.delete(&firm, path).await;
        let barrier = Barrier::new(2);
        let (restored, purged) = tokio::join!(
            async {
                barrier.wait().await;
                place.restore(&firm, file.id).await
            },
            async {
                barrier.wait().await;
                place.purge(&firm, file.id).await
            },
        );
        assert_ne!(restored.is_ok(), purged.is_ok(), "{restored:?} {purged:?}");
        assert_eq!(place.find(&firm, path).await.is_some(), restored.is_ok());
    }
    place.work().await;
    place.is_consistent();
}

#[tokio::test(flavor = "multi_thread")]
async fn history_tells_where_a_file_was_at_every_moment() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    let file = place.put(&firm, "a.txt", b"1").await.unwrap().file;
    let step = Duration::minutes(1);
    place.clock.advance(step);
    place.put(&firm, "a.txt", b"22").await.unwrap();
    place.clock.advance(step);
    let to = Destination { bucket: None, path: "b/c.txt".parse().unwrap() };
    place.run(&firm, move |tx| files::move_file(tx, file.id, &to, None)).await.unwrap();
    place.clock.advance(step);
    place.delete(&firm, "b/c.txt").await;
    place.clock.advance(step);
    place.restore(&firm, file.id).await.unwrap();
    let told = "SELECT count(*) FROM file_history WHERE path = '";
    assert_eq!(place.count(&format!("{told}a.txt' AND version_id IS NOT NULL")), 2);
    assert_eq!(place.count(&format!("{told}b/c.txt' AND version_id IS NOT NULL")), 2);
    assert_eq!(place.count(&format!("{told}b/c.txt' AND version_id IS NULL")), 1);
    assert_eq!(place.count("SELECT count(DISTINCT at) FROM file_history"), 5);
    place.run::<_, DbError, _>(&firm, |tx| files::find_at(tx, BUCKET, "b/c.txt")).await.unwrap().unwrap();
}
