use super::{accesses, path, shares, stores, takes};
use chrono::Duration;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;
use tests::{Answer, TestApp};
use tokio::sync::Barrier;

async fn part(app: &TestApp, share: &Value, range: &str, cookie: &str) -> Answer {
    let content = app.visitor().get(format!("{}/content", path(share)));
    content.header("range", range).header("cookie", cookie).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_on_a_link_with_five_left_get_exactly_five() {
    let app = Arc::new(TestApp::start().await);
    let firm = app.firm("tea").await;
    let file = stores(&firm, "a.txt", "text/plain", "content").await;
    let share = shares(&firm, &file, json!({ "max_downloads": 6 })).await;
    assert_eq!(takes(&app, &share).await.status, 200);
    let barrier = Arc::new(Barrier::new(50));
    let answers = join_all((0..50).map(|_| {
        let (barrier, app, share) = (Arc::clone(&barrier), Arc::clone(&app), share.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            takes(&app, &share).await
        })
    }))
    .await;
    let answers: Vec<Answer> = answers.into_iter().map(Result::unwrap).collect();
    let got = answers.iter().filter(|answer| answer.status == 200 && answer.text() == "content").count();
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.problem(410, "share_used_up");
    }
    assert_eq!(got, 5);
    let known = firm.owner.get(format!("/v1/shares/{}", share["id"].as_str().unwrap())).ok().await;
    assert_eq!((&known["downloads"], &known["status"]), (&json!(6), &json!("used_up")));
    let results = accesses(&firm, &share).await;
    assert_eq!(results.iter().filter(|result| *result == "downloaded").count(), 6);
    assert_eq!(results.iter().filter(|result| *result == "used_up").count(), 45);
    assert_eq!(app.visitor().get(path(&share)).ok().await["downloads_left"], 0);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_is_continued_counts_once() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let file = stores(&firm, "a.txt", "text/plain", "0123456789").await;
    let share = shares(&firm, &file, json!({ "max_downloads": 2 })).await;
    let begun = part(&app, &share, "bytes=0-3", "x=y").await;
    assert_eq!((begun.status, begun.text().as_str()), (206, "0123"));
    let cookie = begun.header("set-cookie").split(';').next().unwrap().to_owned();
    for (range, rest) in [("bytes=4-", "456789"), ("bytes=8-", "89"), ("bytes=-1", "9")] {
        let answer = part(&app, &share, range, &cookie).await;
        assert_eq!((answer.status, answer.text().as_str()), (206, rest));
    }
    let left = |seen: Value| seen["downloads_left"].as_i64().unwrap();
    assert_eq!(left(app.visitor().get(path(&share)).ok().await), 1);

    // What the reader has already, or what is not there, costs nothing.
    let known = app.visitor().get(format!("{}/content", path(&share))).header("if-none-match", begun.header("etag"));
    assert_eq!(known.send().await.status, 304);
    part(&app, &share, "bytes=10-", "x=y").await.problem(416, "range_not_satisfiable");
    assert_eq!(left(app.visitor().get(path(&share)).ok().await), 1);

    // A later part without its beginning is a download of its own, and so is a beginning.
    assert_eq!(part(&app, &share, "bytes=1-", "x=y").await.status, 206);
    part(&app, &share, "bytes=1-", "part_x=1.y").await.problem(410, "share_used_up");
    part(&app, &share, "bytes=0-", &cookie).await.problem(410, "share_used_up");
    assert_eq!(part(&app, &share, "bytes=4-", &cookie).await.status, 206, "what was begun may be ended");
    stores(&firm, "a.txt", "text/plain", "other content").await;
    part(&app, &share, "bytes=4-", &cookie).await.problem(410, "share_used_up");
    app.clock.advance(Duration::hours(24));
    part(&app, &share, "bytes=4-", &cookie).await.problem(410, "share_used_up");
    app.run_jobs().await;
}
