//! Uploads that wait for bytes: as long as their bucket says.

use crate::place::{BUCKET, Place};
use chrono::Duration;
use db::TenantScope;
use files::{CreateResumable, CreateUpload, LifecycleRule};

async fn begins(place: &Place, firm: &TenantScope, path: &str) {
    let command = CreateUpload {
        bucket: BUCKET.to_owned(),
        path: path.parse().unwrap(),
        size_bytes: 100,
        content_type: "text/plain".to_owned(),
        sha256: None,
    };
    place.run(firm, move |tx| files::create_upload(tx, &command)).await.unwrap();
}

async fn begins_resumable(place: &Place, firm: &TenantScope, path: &str) {
    let path = path.parse().unwrap();
    let command =
        CreateResumable { bucket: BUCKET.to_owned(), path, length: Some(30), content_type: None, metadata: None };
    place.run(firm, move |tx| files::create_resumable(tx, &command)).await.unwrap();
}

async fn rules(place: &Place, firm: &TenantScope, days: i32) {
    let rules = [LifecycleRule::AbortUploads { folder: "in/".into(), days }];
    place.run(firm, move |tx| files::set_lifecycle(tx, BUCKET, &rules, None)).await.unwrap();
}

async fn preview(place: &Place, firm: &TenantScope, days: i32) -> (i64, i64, Vec<String>) {
    let rules = [LifecycleRule::AbortUploads { folder: "in/".into(), days }];
    let told = place.run(firm, move |tx| files::preview_lifecycle(tx, BUCKET, &rules)).await.unwrap();
    let first = told.into_iter().next().unwrap();
    (first.files, first.bytes, first.paths)
}

async fn pass(place: &Place, hours: i64) {
    place.clock.advance(Duration::hours(hours));
    place.work().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_wait_as_long_as_the_rule_of_their_folder_says() {
    let place = Place::new().await;
    let firm = place.firm(10_000).await;
    rules(&place, &firm, 3).await;
    begins(&place, &firm, "in/a").await;
    begins_resumable(&place, &firm, "in/b").await;
    begins(&place, &firm, "inside/c").await;
    begins_resumable(&place, &firm, "d").await;
    assert_eq!(place.stored(&firm).await, (0, 260));
    pass(&place, 23).await;
    assert_eq!(place.stored(&firm).await, (0, 260));
    pass(&place, 2).await;
    assert_eq!(place.stored(&firm).await, (0, 130), "without a rule it is a day");
    pass(&place, 46).await;
    assert_eq!(place.stored(&firm).await, (0, 130));
    pass(&place, 2).await;
    assert_eq!(place.stored(&firm).await, (0, 0));
    assert_eq!(place.count("SELECT count(*) FROM uploads WHERE state <> 'given_up'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_rule_ends_what_its_preview_tells() {
    let place = Place::new().await;
    let firm = place.firm(10_000).await;
    rules(&place, &firm, 7).await;
    begins(&place, &firm, "in/a").await;
    begins_resumable(&place, &firm, "in/b").await;
    pass(&place, 30).await;
    begins(&place, &firm, "in/young").await;
    assert_eq!(preview(&place, &firm, 2).await, (0, 0, Vec::new()));
    assert_eq!(preview(&place, &firm, 1).await, (2, 130, vec!["in/a".to_owned(), "in/b".to_owned()]));
    assert_eq!(place.stored(&firm).await, (0, 230), "nothing happened");
    rules(&place, &firm, 1).await;
    place.clock.advance(Duration::minutes(10));
    place.work().await;
    assert_eq!(place.stored(&firm).await, (0, 100), "their room is free at once");
    assert_eq!(place.count("SELECT count(*) FROM audit_log WHERE action = 'bucket.lifecycle_run'"), 1);
    pass(&place, 24 * 8).await;
    assert_eq!(place.count("SELECT count(*) FROM blobs WHERE state NOT IN ('gone')"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_rules_the_first_decides() {
    let place = Place::new().await;
    let firm = place.firm(10_000).await;
    let rule = |folder: &str, days| LifecycleRule::AbortUploads { folder: folder.into(), days };
    let rules = [rule("in/big/", 7), rule("in/", 1)];
    let told = rules.clone();
    place.run(&firm, move |tx| files::set_lifecycle(tx, BUCKET, &rules, None)).await.unwrap();
    begins(&place, &firm, "in/big/a").await;
    begins(&place, &firm, "in/b").await;
    pass(&place, 23).await;
    place.clock.advance(Duration::hours(2));
    let told = place.run(&firm, move |tx| files::preview_lifecycle(tx, BUCKET, &told)).await.unwrap();
    assert_eq!(told.iter().map(|told| told.files).collect::<Vec<_>>(), [0, 1]);
    place.work().await;
    pass(&place, 48).await;
    assert_eq!(place.stored(&firm).await, (0, 100), "the larger one waits for a week");
}
