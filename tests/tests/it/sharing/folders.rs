use super::{accesses, browses, path, shares_folder, stores};
use serde_json::{Value, json};
use tests::{Answer, TestApp};

fn names(seen: &Value) -> Vec<&str> {
    seen["entries"].as_array().unwrap().iter().map(|entry| entry["path"].as_str().unwrap()).collect()
}

async fn gets(app: &TestApp, share: &Value, end: &str) -> Answer {
    app.visitor().get(format!("{}{end}", path(share))).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_listed_page_by_page_and_its_files_are_taken() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    for name in ["out/a.txt", "out/b%20%26.txt", "out/in/c.txt", "out/in/d.txt", "out.txt", "outer/e.txt"] {
        stores(&firm, name, "text/plain", name).await;
    }
    let share = shares_folder(&firm, "out/", json!({ "max_downloads": 2 })).await;
    let seen = gets(&app, &share, "").await.value();
    assert_eq!((names(&seen), &seen["name"]), (vec!["a.txt", "b &.txt", "in/"], &json!("out")));
    assert_eq!((&seen["entries"][0]["file"]["size_bytes"], &seen["entries"][2]["kind"]), (&json!(9), &json!("folder")));
    assert_eq!(names(&gets(&app, &share, "?path=in/").await.value()), ["in/c.txt", "in/d.txt"]);
    assert_eq!(names(&gets(&app, &share, "?path=in").await.value()), ["in/c.txt", "in/d.txt"]);

    let mut paged = Vec::new();
    let mut next = String::from("?limit=1");
    for _ in 0..3 {
        let page = gets(&app, &share, &next).await.value();
        paged.extend(names(&page).into_iter().map(str::to_owned));
        assert_eq!(page["has_more"], page["next_cursor"].is_string());
        next = format!("?limit=1&cursor={}", page["next_cursor"].as_str().unwrap_or_default());
    }
    assert_eq!((paged, next.as_str()), (vec!["a.txt".into(), "b &.txt".into(), "in/".into()], "?limit=1&cursor="));

    let taken = gets(&app, &share, "/files/b%20%26.txt").await;
    assert_eq!((taken.status, taken.text().as_str()), (200, "out/b%20%26.txt"));
    assert!(taken.header("content-disposition").starts_with("attachment"));
    assert_eq!(gets(&app, &share, "/files/in/c.txt").await.text(), "out/in/c.txt");
    gets(&app, &share, "/files/a.txt").await.problem(410, "share_used_up");
    assert_eq!(gets(&app, &share, "").await.value()["downloads_left"], 0);
    let rows = firm.owner.get(format!("/v1/shares/{}/accesses", share["id"].as_str().unwrap())).ok().await;
    let rows = rows["data"].as_array().unwrap();
    let told: Vec<_> = rows.iter().rev().filter(|row| row["result"] == "downloaded").map(|row| &row["path"]).collect();
    assert_eq!(told, [&json!("b &.txt"), &json!("in/c.txt")]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_outside_a_shared_folder_is_not_there() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    for name in ["out/a.txt", "secret.txt", "outer/e.txt", "out2/f.txt"] {
        stores(&firm, name, "text/plain", "x").await;
    }
    let (share, other) = (shares_folder(&firm, "out", json!({})).await, shares_folder(&firm, "out2", json!({})).await);
    for end in [
        "/content",
        "/files/",
        "/files/secret.txt",
        "/files/..%2Fsecret.txt",
        "/files/%2e%2e%2fsecret.txt",
        "/files/..%2Fout%2Fa.txt",
        "/files/%2Fsecret.txt",
        "/files/out/a.txt",
        "/files/er/e.txt",
        "/files/a.txt%00",
        "/files/%ff",
        "?path=../",
        "?path=..%2Fouter",
        "?path=/",
        "?path=a//b",
    ] {
        gets(&app, &share, end).await.problem(404, "not_found");
    }
    assert_eq!(names(&gets(&app, &share, "?path=none/").await.value()), Vec::<&str>::new());
    // A cursor of one link is none of another.
    stores(&firm, "out2/g.txt", "text/plain", "x").await;
    let first = gets(&app, &other, "?limit=1").await.value();
    let cursor = first["next_cursor"].as_str().unwrap();
    assert!(gets(&app, &share, &format!("?limit=1&cursor={cursor}")).await.status >= 400);
    assert_eq!(accesses(&firm, &share).await, ["opened"]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_as_a_page_leads_to_its_files_and_back() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    stores(&firm, "out/in/%E4%B8%80%20%26.txt", "text/plain", "x").await;
    let share = shares_folder(&firm, "", json!({})).await;
    let at = path(&share);
    let page = async |end: &str| {
        let page = browses(&app, &format!("{at}{end}"), "en").await.text().await.unwrap();
        page.replace("&#x2f;", "/")
    };
    let top = page("").await;
    assert!(top.contains(&format!("{at}?path=out/\"")) && top.contains(">docs<"), "{top}");
    assert!(!top.contains("None"), "a folder has no size: {top}");
    let within = page("?path=out/in/").await;
    assert!(within.contains(&format!("{at}/files/out/in/%E4%B8%80%20%26.txt")), "{within}");
    assert_eq!(gets(&app, &share, "/files/out/in/%E4%B8%80%20%26.txt").await.text(), "x");
    app.run_jobs().await;
}
