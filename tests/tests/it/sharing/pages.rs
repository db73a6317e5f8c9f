use super::{browses, path, shares, stores};
use serde_json::json;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_page_in_its_language_that_runs_nothing_of_its_own() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let file = stores(&firm, "%E4%B8%80%3Cb%3E.txt", "text/plain", "0123456789").await;
    let share = shares(&firm, &file, json!({ "max_downloads": 3, "expires_at": "2026-12-01T00:00:00Z" })).await;
    for (language, words) in [("zh-CN", ["下载", "剩余下载次数"]), ("en", ["Download", "Downloads left"])] {
        let page = browses(&app, &path(&share), language).await;
        assert_eq!(page.status(), 200);
        let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!((header("cache-control"), header("referrer-policy")), ("no-store".into(), "no-referrer".into()));
        assert_eq!((header("x-robots-tag"), header("content-language")), ("noindex, nofollow".into(), language.into()));
        let text = page.text().await.unwrap();
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        assert!(text.contains("一&lt;b&gt;.txt") && !text.contains("<b>") && !text.contains("style="), "{text}");
    }
    for (asset, kind) in [("share.css", "text/css; charset=utf-8"), ("drop.js", "text/javascript; charset=utf-8")] {
        let answer = browses(&app, &format!("/s/assets/{asset}"), "en").await;
        assert_eq!((answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()), (200, kind));
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_asks_for_the_password_and_comes_back_with_a_cookie() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let file = stores(&firm, "a.txt", "text/plain", "content").await;
    let share = shares(&firm, &file, json!({ "password": "granite lantern 41 orchard" })).await;
    let asked = browses(&app, &path(&share), "zh").await;
    let text = asked.text().await.unwrap();
    assert!(text.contains("name=\"password\"") && !text.contains("a.txt"), "{text}");
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let post = |body: &'static str| {
        let request = browser.post(format!("{}{}", app.visitor().base(), path(&share))).header("accept", "text/html");
        request.header("content-type", "application/x-www-form-urlencoded").body(body).send()
    };
    let wrong = post("password=nonsense").await.unwrap();
    assert_eq!(wrong.status(), 403);
    assert!(wrong.text().await.unwrap().contains("The password is wrong"));
    let right = post("password=granite+lantern+41+orchard").await.unwrap();
    assert_eq!((right.status().as_u16(), right.headers()["location"].to_str().unwrap()), (303, path(&share).as_str()));
    let cookie = right.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let opened = browser.get(format!("{}{}", app.visitor().base(), path(&share))).header("accept", "text/html");
    assert!(opened.header("cookie", cookie).send().await.unwrap().text().await.unwrap().contains("a.txt"));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_does_not_work_is_one_page_whatever_the_reason() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    let file = stores(&firm, "a.txt", "text/plain", "content").await;
    let share = shares(&firm, &file, json!({})).await;
    firm.owner.delete(format!("/v1/shares/{}", share["id"].as_str().unwrap())).send().await;
    let mut pages = Vec::new();
    for path in [path(&share), format!("{}/content", path(&share)), "/s/nothing".into(), "/s/nothing/content".into()] {
        let page = browses(&app, &path, "zh-CN").await;
        assert_eq!(page.status(), 404);
        pages.push(page.text().await.unwrap());
    }
    pages.dedup();
    assert!(pages.len() == 1 && pages[0].contains("此链接无效"), "{pages:#?}");
    app.run_jobs().await;
}
