//! A moment restored is the moment as it was; folders moved and copied.

use crate::place::{BUCKET, Place};
use chrono::{DateTime, Duration, Utc};
use db::{DbError, TenantScope, TenantTx};
use files::{
    Destination, FileJob, FileJobState, FolderError, FolderMove, LifecycleRule, ListFiles, MomentCounts, PlanRestore,
    RestorePlan, RestorePlanError,
};
use kernel::{Clock, ids::FileId, pages::PageRequest};
use std::collections::BTreeMap;

/// Paths and what they show.
type Dump = BTreeMap<String, Vec<u8>>;

impl Place {
    async fn dump(&self, firm: &TenantScope) -> Dump {
        let list = |tx: &mut TenantTx<'_>| {
            let all = PageRequest { limit: 100, after: None };
            files::list_files(tx, &ListFiles::new(BUCKET.to_owned(), "", false, None), &all)
        };
        let page = self.run(firm, list).await.unwrap();
        assert!(page.next.is_none());
        let file = |entry| match entry {
            files::Entry::File(file) => (file.path, file.sha256),
            files::Entry::Folder(path) => (path, Vec::new()),
        };
        page.data.into_iter().map(file).collect()
    }

    async fn plan(&self, firm: &TenantScope, folder: &str, at: DateTime<Utc>) -> Result<RestorePlan, RestorePlanError> {
        let wanted = PlanRestore { bucket: Some(BUCKET.to_owned()), folder: folder.to_owned(), at };
        self.run(firm, move |tx| files::plan_restore(tx, &wanted)).await
    }

    async fn apply(&self, firm: &TenantScope, plan: RestorePlan) -> FileJob {
        let job = self.run(firm, move |tx| files::apply_restore(tx, plan.id)).await.unwrap();
        self.finished(firm, job).await
    }

    async fn finished(&self, firm: &TenantScope, job: FileJob) -> FileJob {
        self.work().await;
        let job = self.run::<_, DbError, _>(firm, move |tx| files::find_file_job(tx, job.id)).await.unwrap().unwrap();
        assert_eq!(job.state, FileJobState::Done);
        job
    }

    async fn moved(&self, firm: &TenantScope, (from, to): (&str, &str), copy: bool) -> Result<FileJob, FolderError> {
        let (folder, to_folder) = (from.to_owned(), to.to_owned());
        let (bucket, to_bucket) = (BUCKET.to_owned(), BUCKET.to_owned());
        let command = FolderMove { bucket, folder, to_bucket, to_folder, copy };
        let job = self.run(firm, move |tx| files::start_folder_move(tx, &command)).await?;
        Ok(self.finished(firm, job).await)
    }

    async fn move_to(&self, firm: &TenantScope, file: FileId, path: &str) -> bool {
        let to = Destination { bucket: None, path: path.parse().unwrap() };
        self.run(firm, move |tx| files::move_file(tx, file, &to, None)).await.is_ok()
    }
}

/// A small generator, so that a failing round can be run again by its number.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

const PATHS: [&str; 5] = ["a/1", "a/2", "a/b/3", "c/4", "5"];

/// One change such as people make, or none if it does not fit.
async fn change(place: &Place, firm: &TenantScope, dice: &mut Dice) {
    let path = PATHS[dice.below(PATHS.len())];
    let found = place.find(firm, path).await;
    match (dice.below(6), found) {
        (0 | 1, _) => {
            let body = [u8::try_from(dice.below(4)).unwrap(); 3];
            place.put(firm, path, &body).await.unwrap();
        }
        (2, Some(_)) => place.delete(firm, path).await,
        (3, Some(file)) => {
            place.move_to(firm, file.id, PATHS[dice.below(PATHS.len())]).await;
        }
        (4, Some(file)) => {
            let list = move |tx: &mut TenantTx<'_>| files::list_versions(tx, file.id, &PageRequest::default());
            let versions = place.run(firm, list).await.unwrap().data;
            let version = versions[dice.below(versions.len())].id;
            place.run(firm, move |tx| files::restore_version(tx, file.id, version)).await.unwrap();
        }
        (5, None) => {
            let list = |tx: &mut TenantTx<'_>| files::list_trash(tx, None, &PageRequest::default());
            let trash = place.run(firm, list).await.unwrap().data;
            if !trash.is_empty() {
                let id = trash[dice.below(trash.len())].file.id;
                // The place may be taken.
                let _ = place.run(firm, move |tx| files::restore_file(tx, id, None)).await;
            }
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_moment_comes_back_as_it_was_and_can_be_undone() {
    let place = Place::new().await;
    for round in 0..12 {
        let (firm, mut dice) = (place.firm(100_000).await, Dice(round));
        let mut moments: Vec<(DateTime<Utc>, Dump)> = Vec::new();
        for _ in 0..25 {
            change(&place, &firm, &mut dice).await;
            moments.push((place.clock.now(), place.dump(&firm).await));
            place.clock.advance(Duration::minutes(1));
        }
        for _ in 0..3 {
            let (at, then) = moments[dice.below(moments.len())].clone();
            let before = (place.clock.now(), place.dump(&firm).await);
            place.clock.advance(Duration::minutes(1));
            let plan = place.plan(&firm, "", at).await.unwrap();
            let told = plan.counts();
            let job = place.apply(&firm, plan).await;
            assert_eq!(place.dump(&firm).await, then, "round {round} at {at}: {job:?}");
            assert_eq!((job.done, job.skipped), (told.total, 0), "round {round}");
            assert_eq!(place.plan(&firm, "", at).await.unwrap().counts(), MomentCounts::default(), "round {round}");
            place.clock.advance(Duration::minutes(1));
            let undo = place.plan(&firm, "", before.0).await.unwrap();
            place.apply(&firm, undo).await;
            assert_eq!(place.dump(&firm).await, before.1, "round {round}: undone");
            place.clock.advance(Duration::minutes(1));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_restored_and_its_neighbours_stay() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    for path in ["a/kept", "a/overwritten", "a/deleted", "a/moved", "b/other"] {
        place.put(&firm, path, path.as_bytes()).await.unwrap();
    }
    let (at, then) = (place.clock.now(), place.dump(&firm).await);
    place.clock.advance(Duration::hours(1));
    place.put(&firm, "a/overwritten", b"ransom").await.unwrap();
    place.put(&firm, "a/new", b"new").await.unwrap();
    place.put(&firm, "b/other", b"changed").await.unwrap();
    place.delete(&firm, "a/deleted").await;
    let moved = place.find(&firm, "a/moved").await.unwrap();
    assert!(place.move_to(&firm, moved.id, "b/away").await);
    let plan = place.plan(&firm, "a/", at).await.unwrap();
    let expected = MomentCounts { from_trash: 1, to_trash: 1, moved: 1, content: 1, lost: 0, total: 4 };
    assert_eq!(plan.counts(), expected);
    let twice = plan.clone();
    place.apply(&firm, plan).await;
    let again = place.run(&firm, move |tx| files::apply_restore(tx, twice.id)).await;
    assert!(matches!(again, Err(RestorePlanError::Applied)));
    let now = place.dump(&firm).await;
    for path in ["a/kept", "a/overwritten", "a/deleted", "a/moved"] {
        assert_eq!(now.get(path), then.get(path), "{path}");
    }
    assert_ne!(now["b/other"], then["b/other"], "a neighbour was restored");
    assert_eq!(now.len(), 5);
    let future = place.plan(&firm, "", place.clock.now() + Duration::seconds(1)).await;
    assert!(matches!(future, Err(RestorePlanError::Future)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_or_in_the_way_is_told_and_nothing_else_suffers() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    let file = place.put(&firm, "a/1", b"first").await.unwrap().file;
    let two = place.put(&firm, "a/2", b"second").await.unwrap().file;
    let at = place.clock.now();
    place.clock.advance(Duration::hours(1));
    place.put(&firm, "a/1", b"other").await.unwrap();
    place.run(&firm, move |tx| files::purge_version(tx, file.id, file.version_id)).await.unwrap();
    assert!(place.move_to(&firm, two.id, "a/two").await);
    place.clock.advance(Duration::hours(1));
    place.put(&firm, "a/2", b"in the way").await.unwrap();
    let plan = place.plan(&firm, "a/", at).await.unwrap();
    assert_eq!(plan.counts().lost, 1);
    let job = place.apply(&firm, plan).await;
    let told: Vec<_> = job.conflicts().into_iter().map(|conflict| (conflict.path, conflict.code)).collect();
    assert_eq!(told, [("a/1".to_owned(), "version_gone".to_owned())]);
    // What came later went to the trash and made room.
    assert_eq!(place.find(&firm, "a/2").await.unwrap().id, two.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_moved_and_copied_and_what_does_not_fit_stays() {
    let place = Place::new().await;
    let firm = place.firm(20_000).await;
    for number in 0..120 {
        place.put(&firm, &format!("old/{number:03}"), &[7; 100]).await.unwrap();
    }
    place.put(&firm, "new/005", b"taken").await.unwrap();
    let job = place.moved(&firm, ("old/", "new/"), false).await.unwrap();
    assert_eq!((job.total, job.done, job.skipped), (120, 120, 1));
    assert_eq!(job.conflicts()[0].path, "old/005");
    assert_eq!(place.count("SELECT count(*) FROM files WHERE path LIKE 'new/%'"), 120);
    for (from, to) in [("new/", "new/"), ("new/", "new/deeper/"), ("", "x/")] {
        assert!(matches!(place.moved(&firm, (from, to), false).await, Err(FolderError::IntoItself)), "{from} {to}");
    }
    assert!(matches!(place.moved(&firm, ("none/", "x/"), true).await, Err(FolderError::NotFound)));
    // 11,905 bytes are stored in the folder, 100 beside it: 80 files find room, the one of 5 bytes among them.
    let job = place.moved(&firm, ("new/", "copy/"), true).await.unwrap();
    assert_eq!((job.done, job.skipped), (120, 40));
    assert!(job.conflicts().iter().all(|conflict| conflict.code == "storage_quota_exceeded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_a_bucket_do_what_their_preview_tells() {
    let place = Place::new().await;
    let firm = place.firm(10_000).await;
    for path in ["log/1", "log/2", "tmp/1", "keep/1"] {
        place.put(&firm, path, path.as_bytes()).await.unwrap();
    }
    let held = place.find(&firm, "tmp/1").await.unwrap().id;
    place.clock.advance(Duration::days(10));
    place.put(&firm, "tmp/2", b"young").await.unwrap();
    for body in ["1", "22", "333"] {
        place.put(&firm, "keep/1", body.as_bytes()).await.unwrap();
    }
    let rules = vec![
        LifecycleRule::Trash { folder: "log/".into(), days: 10 },
        LifecycleRule::Expire { folder: "tmp/".into(), days: 10 },
        LifecycleRule::KeepVersions { folder: String::new(), versions: 1 },
    ];
    let wanted = rules.clone();
    let told = place.run(&firm, move |tx| files::preview_lifecycle(tx, BUCKET, &wanted)).await.unwrap();
    let told: Vec<_> = told.into_iter().map(|rule| (rule.files, rule.bytes, rule.paths)).collect();
    let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    assert_eq!(told, [(2, 10, paths(&["log/1", "log/2"])), (1, 5, paths(&["tmp/1"])), (1, 7, paths(&["keep/1"]))]);
    let placed = place.run(&firm, move |tx| files::place_hold(tx, held, "member", "court")).await.unwrap();
    place.run(&firm, move |tx| files::set_lifecycle(tx, BUCKET, &rules, None)).await.unwrap();
    place.clock.advance(Duration::minutes(10));
    place.work().await;
    assert_eq!(place.dump(&firm).await.into_keys().collect::<Vec<_>>(), ["keep/1", "tmp/1", "tmp/2"]);
    assert_eq!(
        place.count("SELECT count(*) FROM file_versions v JOIN files f ON f.id = v.file_id WHERE f.path = 'keep/1'"),
        2
    );
    place.run(&firm, move |tx| files::release_hold(tx, held, "member", placed.id)).await.unwrap();
    place.clock.advance(Duration::days(1));
    place.work().await;
    assert!(place.find(&firm, "tmp/1").await.is_none());
    assert_eq!(place.count("SELECT count(*) FROM files WHERE path = 'tmp/1'"), 0, "not in the trash either");
}
