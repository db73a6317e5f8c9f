//! What a firm does with its files over HTTP: versions, trash, moving, copying, tags, holds, and buckets that change.

use reqwest::Method;
use serde_json::{Value, json};
use tests::{Client, TestApp};

async fn put(client: &Client, path: &str, body: &str) -> Value {
    client.request(Method::PUT, format!("/v1/buckets/docs/files/{path}")).bytes(body.to_owned()).ok().await
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_gets_back_what_was_overwritten_and_what_was_deleted() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let owner = &firm.owner;
    owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    let first = put(owner, "a.txt", "first").await;
    let second = put(owner, "a.txt", "second").await;
    let file = format!("/v1/files/{}", text(&first, "id"));
    let versions = owner.get(format!("{file}/versions")).ok().await;
    let shown: Vec<_> = versions["data"].as_array().unwrap().iter().map(|version| &version["shown"]).collect();
    assert_eq!(shown, [true, false]);
    assert_eq!(versions["data"][1]["purge_at"], "2026-12-02T02:00:00Z", "thirty days");
    let old = format!("{file}/versions/{}", text(&first, "version_id"));
    let content = owner.get(format!("{old}/content")).header("range", "bytes=1-3").send().await;
    assert_eq!((content.status, content.text().as_str()), (206, "irs"));
    let back = owner.post(format!("{old}/restore"), json!({})).ok().await;
    assert_eq!((&back["version_id"], &back["sha256"]), (&first["version_id"], &first["sha256"]));
    let current = format!("{file}/versions/{}", text(&first, "version_id"));
    owner.delete(current).send().await.problem(409, "version_shown");
    let other = format!("{file}/versions/{}", text(&second, "version_id"));
    assert_eq!(owner.delete(&other).send().await.status, 204);
    owner.delete(&other).send().await.problem(404, "not_found");

    owner.delete("/v1/buckets/docs/files/a.txt").ok().await;
    owner.get(&file).send().await.problem(404, "not_found");
    put(owner, "a.txt", "in the way").await;
    let trash = owner.get("/v1/trash?bucket=docs").ok().await;
    assert_eq!(
        (text(&trash["data"][0], "id"), trash["data"][0]["purge_at"].as_str()),
        (text(&first, "id"), Some("2026-12-02T02:00:00Z"))
    );
    let restore = format!("/v1/trash/{}/restore", text(&first, "id"));
    owner.post(&restore, json!({})).send().await.problem(409, "path_taken");
    owner.post(&restore, json!({ "path": "../a" })).send().await.problem(422, "validation_failed");
    let back = owner.post(&restore, json!({ "path": "b.txt" })).ok().await;
    assert_eq!((text(&back, "path"), text(&back, "id")), ("b.txt", text(&first, "id")));
    assert_eq!(owner.get("/v1/buckets/docs/files/b.txt").send().await.text(), "first");
    assert_eq!(owner.get("/v1/trash").ok().await["data"], json!([]));
    let events = owner.get("/v1/events?types=file.restored").ok().await;
    assert_eq!(events["data"][0]["data"]["object"]["path"], "b.txt");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_listed_page_by_page_and_emptied_for_good() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let owner = &firm.owner;
    owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    for name in ["1", "2", "3"] {
        put(owner, name, name).await;
        owner.delete(format!("/v1/buckets/docs/files/{name}")).ok().await;
        app.clock.advance(chrono::Duration::seconds(1));
    }
    let page = owner.get("/v1/trash?limit=2").ok().await;
    let paths = |page: &Value| {
        page["data"].as_array().unwrap().iter().map(|row| text(row, "path").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&page), ["3", "2"]);
    let next = owner.get(format!("/v1/trash?limit=2&cursor={}", text(&page, "next_cursor"))).ok().await;
    assert_eq!((paths(&next), &next["has_more"]), (vec!["1".to_owned()], &json!(false)));
    owner.get("/v1/trash?bucket=none").send().await.problem(404, "not_found");
    owner.delete("/v1/buckets/docs").send().await.problem(409, "bucket_not_empty");
    for row in page["data"].as_array().unwrap().iter().chain(next["data"].as_array().unwrap()) {
        let trashed = format!("/v1/trash/{}", text(row, "id"));
        other.owner.delete(&trashed).send().await.problem(404, "not_found");
        assert_eq!(owner.delete(&trashed).send().await.status, 204);
        owner.post(format!("{trashed}/restore"), json!({})).send().await.problem(404, "not_found");
    }
    assert_eq!(owner.get("/v1/storage/usage").ok().await["quota"]["used"], 0);
    assert_eq!(owner.delete("/v1/buckets/docs").send().await.status, 204);
    owner.get("/v1/buckets/docs").send().await.problem(404, "not_found");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_moved_copied_and_described() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let owner = &firm.owner;
    owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    owner.post("/v1/buckets", json!({ "name": "pictures", "allowed_types": ["image/*"] })).ok().await;
    owner.post("/v1/buckets", json!({ "name": "small", "max_object_bytes": 3 })).ok().await;
    let file = put(owner, "合同.txt", "contract").await;
    let at = format!("/v1/files/{}", text(&file, "id"));
    let seen = owner.get(&at).send().await.header("etag").to_owned();
    let change = json!({ "tags": ["茶叶", "2026"], "metadata": { "po": "4711" } });
    let described = owner.patch(&at, change.clone()).header("if-match", &seen).ok().await;
    assert_eq!((&described["tags"], &described["metadata"]), (&json!(["2026", "茶叶"]), &json!({ "po": "4711" })));
    owner.patch(&at, json!({ "tags": [] })).header("if-match", &seen).send().await.problem(412, "precondition_failed");
    owner.patch(&at, json!({ "tags": [" a"] })).send().await.problem(422, "validation_failed");
    for (query, found) in
        [("tag=2026", 1), ("tag=202", 0), ("q=%E8%8C%B6%E5%8F%B6", 1), ("q=%E5%90%88%E5%90%8C", 1), ("q=zzz", 0)]
    {
        let list = owner.get(format!("/v1/buckets/docs/files?{query}")).ok().await;
        assert_eq!(list["data"].as_array().unwrap().len(), found, "{query}");
    }
    let to = |bucket: &str, path: &str| json!({ "bucket": bucket, "path": path });
    owner.post(format!("{at}/move"), to("pictures", "a")).send().await.problem(415, "type_not_allowed");
    owner.post(format!("{at}/copy"), to("small", "a")).send().await.problem(413, "file_too_large");
    owner.post(format!("{at}/move"), to("none", "a")).send().await.problem(404, "not_found");
    let moved = owner.post(format!("{at}/move"), json!({ "path": "2026/合同.txt" })).ok().await;
    assert_eq!((text(&moved, "path"), &moved["version_id"]), ("2026/合同.txt", &file["version_id"]));
    let copy = owner.post(format!("{at}/copy"), json!({ "path": "copy.txt" })).ok().await;
    assert_eq!((&copy["tags"], &copy["sha256"]), (&described["tags"], &file["sha256"]));
    owner.post(format!("{at}/copy"), json!({ "path": "copy.txt" })).send().await.problem(409, "path_taken");
    owner.post(format!("{at}/move"), json!({ "path": "copy.txt" })).send().await.problem(409, "path_taken");
    assert_eq!(owner.get("/v1/storage/usage").ok().await["quota"]["used"], 16);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_placed_by_who_may_and_stops_every_purge() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let (owner, sales) = (&firm.owner, app.member(&firm, "sales").await);
    owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    let file = put(owner, "evidence.txt", "evidence").await;
    let holds = format!("/v1/files/{}/holds", text(&file, "id"));
    sales.post(&holds, json!({ "reason": "court" })).send().await.problem(403, "permission_denied");
    let hold = owner.post(&holds, json!({ "reason": "court" })).ok().await;
    owner.delete("/v1/buckets/docs/files/evidence.txt").ok().await;
    let trashed = format!("/v1/trash/{}", text(&file, "id"));
    sales.delete(&trashed).send().await.problem(409, "legal_hold");
    app.pass(chrono::Duration::days(40)).await;
    let owner = &app.signed_in_again(&firm).await.owner;
    assert_eq!(owner.get(&holds).ok().await["data"][0]["released_at"], Value::Null);
    assert_eq!(owner.delete(format!("{holds}/{}", text(&hold, "id"))).send().await.status, 204);
    assert_eq!(owner.delete(&trashed).send().await.status, 204);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_elsewhere_and_a_moment_comes_back() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let owner = &firm.owner;
    for bucket in ["docs", "archive"] {
        owner.post("/v1/buckets", json!({ "name": bucket })).ok().await;
    }
    for name in ["1", "2", "3"] {
        put(owner, &format!("2026/{name}.txt"), name).await;
    }
    let at = "2026-11-02T02:00:00Z";
    app.clock.advance(chrono::Duration::minutes(5));
    let into = json!({ "folder": "2026", "to_folder": "2026/old" });
    owner.post("/v1/buckets/docs/folders/move", into).send().await.problem(409, "folder_into_itself");
    let nothing = json!({ "folder": "2025", "to_folder": "old" });
    owner.post("/v1/buckets/docs/folders/move", nothing).send().await.problem(404, "not_found");
    let to = json!({ "folder": "2026", "to_bucket": "archive", "to_folder": "y2026" });
    let job = owner.post("/v1/buckets/docs/folders/move", to).send().await;
    assert_eq!((job.status, &job.value()["state"], &job.value()["total"]), (202, &json!("running"), &json!(3)));
    app.run_jobs().await;
    let job = format!("/v1/storage/jobs/{}", text(&job.value(), "id"));
    let done = owner.get(&job).ok().await;
    assert_eq!((&done["state"], &done["done"], &done["conflicts"]), (&json!("done"), &json!(3), &json!([])));
    other.owner.get(&job).send().await.problem(404, "not_found");
    assert_eq!(owner.get("/v1/buckets/archive/files/y2026/2.txt").send().await.text(), "2");

    app.clock.advance(chrono::Duration::minutes(5));
    owner
        .post("/v1/restore-plans", json!({ "at": "2036-01-01T00:00:00Z" }))
        .send()
        .await
        .problem(422, "restore_to_future");
    let plan = owner.post("/v1/restore-plans", json!({ "bucket": "docs", "folder": "2026", "at": at })).ok().await;
    assert_eq!((&plan["counts"]["moved"], &plan["counts"]["total"]), (&json!(3), &json!(3)));
    let apply = format!("/v1/restore-plans/{}/apply", text(&plan, "id"));
    other.owner.post(&apply, json!({})).send().await.problem(404, "not_found");
    let job = owner.post(&apply, json!({})).send().await;
    assert_eq!((job.status, &job.value()["kind"]), (202, &json!("restore")));
    owner.post(&apply, json!({})).send().await.problem(409, "restore_plan_applied");
    app.run_jobs().await;
    assert_eq!(owner.get("/v1/buckets/docs/files/2026/2.txt").send().await.text(), "2");
    let applied = owner.get(format!("/v1/restore-plans/{}", text(&plan, "id"))).ok().await;
    assert_eq!(applied["job_id"], job.value()["id"]);
    assert_eq!(owner.get("/v1/storage/jobs").ok().await["data"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_a_bucket_are_tried_before_they_are_set() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let owner = &firm.owner;
    owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    put(owner, "log/1.txt", "old").await;
    app.pass(chrono::Duration::days(31)).await;
    let owner = &app.signed_in_again(&firm).await.owner;
    let rules = json!({ "rules": [{ "action": "trash", "folder": "log", "days": 30 }, { "action": "keep_versions", "versions": 3 }] });
    for wrong in [
        json!({ "rules": [{ "action": "trash", "versions": 1 }] }),
        json!({ "rules": [{ "action": "burn", "days": 1 }] }),
        json!({ "rules": [{ "action": "trash", "days": 0 }] }),
    ] {
        owner
            .request(Method::PUT, "/v1/buckets/docs/lifecycle")
            .json(wrong)
            .send()
            .await
            .problem(422, "validation_failed");
    }
    let told = owner.post("/v1/buckets/docs/lifecycle/preview", rules.clone()).ok().await;
    assert_eq!((&told["rules"][0]["files"], &told["rules"][0]["paths"]), (&json!(1), &json!(["log/1.txt"])));
    assert_eq!(owner.get("/v1/buckets/docs/lifecycle").ok().await["rules"], json!([]));
    let set = owner.request(Method::PUT, "/v1/buckets/docs/lifecycle").json(rules).ok().await;
    assert_eq!(set["rules"][0]["folder"], "log/");
    app.pass(chrono::Duration::minutes(10)).await;
    let trash = owner.get("/v1/trash").ok().await;
    assert_eq!(trash["data"][0]["path"], "log/1.txt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_changes_its_rules_for_what_comes_and_its_times_for_what_waits() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let owner = &firm.owner;
    let made = owner.post("/v1/buckets", json!({ "name": "docs", "max_object_bytes": 4 })).ok().await;
    assert_eq!((&made["trash_days"], &made["keep_versions"], &made["version"]), (&json!(30), &Value::Null, &json!(1)));
    let seen = owner.get("/v1/buckets/docs").send().await.header("etag").to_owned();
    let changed = owner.patch("/v1/buckets/docs", json!({ "max_object_bytes": null, "trash_days": 1 })).ok().await;
    assert_eq!((&changed["max_object_bytes"], &changed["trash_days"]), (&Value::Null, &json!(1)));
    let late = owner.patch("/v1/buckets/docs", json!({ "trash_days": 2 })).header("if-match", &seen);
    late.send().await.problem(412, "precondition_failed");
    for wrong in [json!({ "trash_days": -1 }), json!({ "allowed_types": ["png"] }), json!({ "name": "x" })] {
        owner.patch("/v1/buckets/docs", wrong).send().await.problem(422, "validation_failed");
    }
    put(owner, "long.txt", "longer than four").await;
    owner.delete("/v1/buckets/docs/files/long.txt").ok().await;
    app.pass(chrono::Duration::hours(23)).await;
    let owner = &app.signed_in_again(&firm).await.owner;
    assert_eq!(owner.get("/v1/trash").ok().await["data"].as_array().unwrap().len(), 1);
    app.pass(chrono::Duration::hours(2)).await;
    let owner = &app.signed_in_again(&firm).await.owner;
    assert_eq!(owner.get("/v1/trash").ok().await["data"], json!([]));
    app.run_jobs().await;
}
