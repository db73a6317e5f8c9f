//! What takes longest must not depend on who is asked for: hashes are counted, not seconds.

use super::credentials;
use serde_json::json;
use tests::{Answer, Request, TestApp};

/// The answer, and how many hashes and round trips it took.
async fn work(app: &TestApp, request: Request) -> (Answer, u64, usize) {
    let hasher = &app.state.authority.hasher;
    let before = hasher.computed();
    let (answer, trips) = app.round_trips_of(request.send()).await;
    (answer, hasher.computed() - before, trips)
}

#[tokio::test(flavor = "multi_thread")]
async fn a54_t04_unknown_people_take_the_work_of_known_ones() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let gone = app.unverified_firm("gone").await;
    app.database.sql(&format!("UPDATE users SET disabled_at = now() WHERE email = '{}'", gone.email));
    let administrator = app.administrator().await;
    drop(administrator);
    let entering = |path: &'static str, email: &str| {
        app.visitor().post(path, json!({ "email": email, "password": "quite another 7 granite" }))
    };
    for (path, emails) in [
        ("/v1/auth/log-in", [firm.email.as_str(), "nobody@example.cn", &gone.email]),
        ("/admin/v1/log-in", ["root@cloud.example", "nobody@cloud.example", &firm.email]),
    ] {
        let mut trips = Vec::new();
        for email in emails {
            let (answer, hashes, sent) = work(&app, entering(path, email)).await;
            answer.problem(401, "wrong_credentials");
            assert_eq!(hashes, 1, "{path} {email}");
            trips.push(sent);
        }
        // A firm's chain or the platform's is told of the failure: the difference is less than a hundredth of a hash.
        let (least, most) = (trips.iter().min().unwrap(), trips.iter().max().unwrap());
        assert!(most - least <= 4, "{path}: {trips:?} round trips");
    }
    let (_, hashes, _) = work(&app, app.visitor().post("/v1/auth/log-in", credentials(&firm.email))).await;
    assert_eq!(hashes, 1, "nor does the right password take more");
    let long = json!({ "email": firm.email, "password": "x".repeat(100_000) });
    let nobodys = json!({ "email": "nobody@example.cn", "password": "x".repeat(100_000) });
    for body in [long, nobodys] {
        let (answer, hashes, _) = work(&app, app.visitor().post("/v1/auth/log-in", body)).await;
        answer.problem(401, "wrong_credentials");
        assert_eq!(hashes, 0, "what can be nobody's password is not hashed, whoever it is");
    }
    app.run_jobs().await;
}

/// Ids are no sequence, and what opens something is no id.
#[tokio::test(flavor = "multi_thread")]
async fn t06_nothing_is_guessed_from_what_was_seen() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let (mut ids, mut secrets) = (Vec::new(), Vec::new());
    for number in 0..20 {
        let made = firm.owner.post("/v1/categories", json!({ "name": format!("茶 {number}") })).ok().await;
        let id = made["id"].as_str().unwrap().to_owned();
        ids.push(kernel::ids::Id::uuid(id.parse::<kernel::ids::CategoryId>().unwrap()).as_u128());
    }
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[1] - pair[0] > 1 << 12), "ids that follow each other: {ids:x?}");
    for _ in 0..4 {
        let tokens = app.visitor().post("/v1/auth/log-in", credentials(&firm.email)).ok().await;
        let key = firm.program(&["catalogue:read"]).await;
        secrets.push([tokens["refresh_token"].as_str().unwrap().to_owned(), key.secret.clone()]);
        firm.owner.delete(key.path()).send().await;
    }
    for (at, secret) in secrets.iter().enumerate() {
        for other in &secrets[at + 1..] {
            for (one, two) in secret.iter().zip(other) {
                // A key's token names its firm first. After that, they have nothing in common but by chance.
                let tail = |text: &str| text[text.len() - 32..].to_owned();
                let same = tail(one).bytes().zip(tail(two).bytes()).filter(|(one, two)| one == two).count();
                assert!(same < 10, "{one} {two}");
            }
        }
    }
    app.run_jobs().await;
}
