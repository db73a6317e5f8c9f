//! Objects and rows compared: what differs is found, what is under way is not.

use crate::place::{Place, upload};
use bytes::Bytes;
use chrono::{DateTime, Duration, Utc};
use files::{Difference, Finding, ReconcileStorage, Reconciliation, Upload};
use jobs::{Registry, Worker, WorkerConfig};
use kernel::Actor;

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_found_both_ways_and_only_removed_by_hand() {
    let place = Place::new().await;
    let firm = place.firm(1 << 20).await;
    let kept = place.put(&firm, "kept", b"kept").await.unwrap().file;
    let lost = place.put(&firm, "lost", b"lost").await.unwrap().file;
    let cut = place.put(&firm, "cut", b"whole").await.unwrap().file;
    let tenant = firm.tenant();
    let gone = place.put(&firm, "gone", b"gone").await.unwrap().file;
    let keys = [&kept, &lost, &cut, &gone].map(|file| Place::key(&firm, file));
    let [_, lost, cut, gone] = keys;
    place.lose(&lost);
    place.plant(&cut, b"half");
    // Its row says that the object is deleted.
    let id = gone.rsplit('/').next().unwrap().to_owned();
    place.sql(&format!("UPDATE blobs SET state = 'gone' WHERE id = '{id}'"));
    // Keys that begin like others, or that only look like ours.
    let folder = kernel::ids::Id::uuid(tenant).simple().to_string();
    let orphan = format!("/{folder}/{}", uuid::Uuid::nil().simple());
    let foreign = [format!("/{folder}"), format!("{cut}2"), format!("{}/x", folder.to_uppercase())];
    place.plant(&orphan, b"orphan");
    for key in &foreign {
        place.plant(key, b"foreign");
    }
    let objects = place.objects();
    let late = Utc::now() + Duration::days(3_650);
    let found = compare(&place, late).await;
    let of = |kind| found.iter().filter(|f| f.difference == kind).map(|f| f.key.clone()).collect::<Vec<_>>();
    assert_eq!(of(Difference::Missing), std::slice::from_ref(&lost));
    assert_eq!(of(Difference::WrongSize), std::slice::from_ref(&cut));
    assert_eq!(of(Difference::Leftover), std::slice::from_ref(&gone));
    assert_eq!(of(Difference::Orphan), std::slice::from_ref(&orphan));
    assert_eq!((of(Difference::Foreign).len(), found.len(), place.objects()), (3, 7, objects), "nothing is removed");
    let mut removed = Vec::new();
    for finding in &found {
        if files::remove(&place.store, finding).await.unwrap() {
            removed.push(finding.key.as_str());
        }
    }
    removed.sort_unstable();
    let mut expected = [gone.as_str(), orphan.as_str()];
    expected.sort_unstable();
    assert_eq!((removed.as_slice(), place.objects()), (expected.as_slice(), objects - 2));
    assert_eq!(compare(&place, late).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_under_way_is_no_difference() {
    let place = Place::new().await;
    let firm = place.firm(1 << 20).await;
    let received = place.begin(&firm, Upload { declared_bytes: Some(4), ..upload("coming") }).await.unwrap();
    assert!(received.push(Bytes::from_static(b"come")).await);
    let late = Utc::now() + Duration::days(3_650);
    assert_eq!(compare(&place, late).await, []);
    received.end().await.unwrap();
    let young = format!("/{0}/{0}", uuid::Uuid::nil().simple());
    place.plant(&young, b"young");
    assert_eq!(compare(&place, Utc::now() - Duration::hours(1)).await, [], "too young to be judged");
    assert_eq!(compare(&place, late).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_comparison_lists_what_differs_until_it_does_no_more() {
    let place = Place::new().await;
    let firm = place.firm(1 << 20).await;
    let file = place.put(&firm, "lost", b"lost").await.unwrap().file;
    let other = place.put(&firm, "kept", b"kept").await.unwrap().file;
    place.lose(&Place::key(&firm, &file));
    let listed = "SELECT count(*) FROM storage_exceptions WHERE kind = 'missing' AND size_bytes = 4";
    let told = "SELECT count(*) FROM audit_log WHERE action = 'storage.exceptions_found'";
    reconcile(&place).await;
    assert_eq!(place.count(listed), 0, "younger than two days");
    place.clock.advance(Duration::days(3));
    reconcile(&place).await;
    assert_eq!((place.count(listed), place.count(told)), (1, 1));
    place.plant(&Place::key(&firm, &file), b"lost");
    place.clock.advance(Duration::days(1));
    reconcile(&place).await;
    assert_eq!((place.count("SELECT count(*) FROM storage_exceptions"), place.count(told)), (0, 1));
    assert_eq!(place.get(&firm, &other, None).await, b"kept");
}

pub(crate) async fn compare(place: &Place, before: DateTime<Utc>) -> Vec<Finding> {
    let (db, store) = (place.db.clone(), place.store.clone());
    let mut comparison = Reconciliation::new(db, store, Actor::system("test"), before);
    let mut found = Vec::new();
    while let Some(findings) = comparison.next().await.unwrap() {
        found.extend(findings);
    }
    found
}

async fn reconcile(place: &Place) {
    let registry = Registry::new(place.db.clone())
        .job::<ReconcileStorage>((place.db.clone(), place.store.clone()))
        .schedule(std::time::Duration::from_hours(24), || ReconcileStorage {});
    assert_eq!(Worker::new(registry, WorkerConfig::default()).drain().await.unwrap().failed, []);
}
