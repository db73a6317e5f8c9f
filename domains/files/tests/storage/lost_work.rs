//! Work whose worker is gone for good, and work of unusual size.

use crate::place::{BUCKET, Place};
use chrono::Duration;
use db::{DbError, TenantScope};
use files::{FileJob, FileJobFailure, FileJobState, FolderMove};
use kernel::ids::{Id, JobId};

async fn find(place: &Place, firm: &TenantScope, id: JobId) -> FileJob {
    place.run::<_, DbError, _>(firm, move |tx| files::find_file_job(tx, id)).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_last_attempt_died_with_its_process_ends_as_failed() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    place.put(&firm, "from/a", b"a").await.unwrap();
    let text = str::to_owned;
    let command = FolderMove {
        bucket: text(BUCKET),
        folder: text("from/"),
        to_bucket: text(BUCKET),
        to_folder: text("to/"),
        copy: false,
    };
    let (begin, waiting) = (command.clone(), command);
    let job = place.run(&firm, move |tx| files::start_folder_move(tx, &begin)).await.unwrap();
    // The worker died in the middle of the last attempt; of a second job nobody has taken the first attempt yet.
    place.sql(
        "UPDATE jobs SET state = 'running', attempts = 25, lease_owner = 'gone', lease_token = gen_random_uuid(),
         lease_until = now() - interval '1 minute' WHERE kind = 'files.run_file_job'",
    );
    let waiting = place.run(&firm, move |tx| files::start_folder_move(tx, &waiting)).await.unwrap();
    place.sql("UPDATE jobs SET run_at = '2031-01-01' WHERE kind = 'files.run_file_job' AND state = 'ready'");
    for _ in 0..3 {
        place.clock.advance(Duration::minutes(11));
        place.work_that_may_fail().await;
    }
    let found = find(&place, &firm, job.id).await;
    assert_eq!((found.state, found.reason), (FileJobState::Failed, Some(FileJobFailure::WorkerLost)));
    assert!(found.finished_at.is_some());
    let found = find(&place, &firm, waiting.id).await;
    assert_eq!((found.state, found.reason), (FileJobState::Running, None), "it has a worker to come");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sweeper_comes_for_is_tried_again_an_hour_after_it_died() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    place.put(&firm, "a", &[1; 100]).await.unwrap();
    let tenant = firm.tenant();
    place.sql(&format!(
        "INSERT INTO jobs (id, kind, for_tenant, payload, dedupe_key, state, run_at, attempts, created_at, finished_at)
         VALUES (gen_random_uuid(), 'files.count_storage', '{}', '{{}}', '{tenant} sweep', 'dead',
             '2030-01-01', 25, '2030-01-01', '2030-01-01T00:30:00Z')",
        tenant.uuid()
    ));
    let hours = |place: &Place| {
        place.count(
            "SELECT coalesce(sum(quantity), 0)::bigint AS count FROM usage_events WHERE meter = 'storage_byte_hours'",
        )
    };
    place.clock.advance(Duration::minutes(70));
    place.work().await;
    assert_eq!(hours(&place), 0, "it has just died");
    place.clock.advance(Duration::minutes(50));
    place.work().await;
    assert_eq!((hours(&place), place.count("SELECT count(*) FROM jobs")), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_very_many_versions_is_deleted_in_bounded_steps() {
    let place = Place::new().await;
    let firm = place.firm(1_000_000).await;
    let file = place.put(&firm, "many", &[1; 10]).await.unwrap().file;
    place.sql(
        "INSERT INTO file_versions (tenant_id, id, file_id, blob_id, size_bytes, content_type, sha256, created_at, replaced_at, purge_at)
         SELECT tenant_id, gen_random_uuid(), file_id, blob_id, size_bytes, content_type, sha256, created_at,
             created_at + n * interval '1 second', created_at + interval '1 year' FROM file_versions, generate_series(1, 2500) n",
    );
    for sql in [
        "UPDATE blobs SET refs = refs + 2500 WHERE state = 'live'",
        "UPDATE limits SET used = used + 25000 WHERE meter = 'storage_bytes'",
        "UPDATE storage_gauges SET bytes = bytes + 25000",
        "UPDATE bucket_storage_days SET bytes = bytes + 25000",
    ] {
        place.sql(sql);
    }
    place.delete(&firm, "many").await;
    place.run(&firm, move |tx| files::purge_file(tx, file.id)).await.unwrap();
    let left = |place: &Place| place.count("SELECT count(*) FROM file_versions");
    assert_eq!((left(&place), place.stored(&firm).await), (1_501, (15_010, 0)), "a thousand at once");
    assert_eq!(place.count("SELECT count(*) FROM files"), 1, "it goes with the last of them");
    place.work().await;
    assert_eq!((left(&place), place.stored(&firm).await), (0, (0, 0)));
    assert_eq!((place.count("SELECT count(*) FROM files"), place.objects()), (0, 0));
    assert_eq!(place.count("SELECT sum(bytes)::bigint AS count FROM bucket_storage_days"), 0);
}
