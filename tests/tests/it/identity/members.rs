use super::{is_signed_in, member, refresh};
use serde_json::json;
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn the_last_owner_stays_whoever_asks_and_however_often() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let owner = member(&firm, &firm.email).await;
    let path = format!("/v1/members/{}", owner["id"].as_str().unwrap());
    firm.owner.delete(&path).send().await.problem(409, "last_owner");
    firm.owner.patch(&path, json!({ "role": "admin" })).send().await.problem(409, "last_owner");

    let second = app.member(&firm, "admin").await;
    second.delete(&path).send().await.problem(403, "role_not_yours");
    let admin = member(&firm, "admin@foshan.example").await;
    let other = format!("/v1/members/{}", admin["id"].as_str().unwrap());
    second.patch(&other, json!({ "role": "owner" })).send().await.problem(403, "role_not_yours");
    firm.owner.patch(&other, json!({ "role": "owner" })).ok().await;
    // Two owners who leave at the same moment.
    let (one, two) = futures_util::future::join(firm.owner.delete(&path).send(), second.delete(&other).send()).await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 409]);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE role = 'owner'"), 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a60_who_is_removed_or_demoted_feels_it_with_the_next_request() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let sales = app.member(&firm, "admin").await;
    let found = member(&firm, "admin@foshan.example").await;
    let path = format!("/v1/members/{}", found["id"].as_str().unwrap());
    firm.owner.patch(&path, json!({ "role": "viewer" })).ok().await;
    let invite = json!({ "email": "x@example.cn", "role": "viewer" });
    sales.post("/v1/invitations", invite).send().await.problem(403, "permission_denied");
    assert_eq!(firm.owner.delete(&path).send().await.status, 204);
    assert!(!is_signed_in(&sales).await);
    firm.owner.delete(&path).send().await.problem(404, "not_found");
    assert!(is_signed_in(&firm.owner).await);
    assert_eq!(refresh(&app, &firm.refresh_token).await.status, 200);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_member_named_twice_is_refused_in_maps_too() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("foshan").await;
    let body = r#"{"metadata":{"a":"1","a":"2"}}"#;
    let patch = firm.owner.request(reqwest::Method::PATCH, "/v1/tenant").bytes(body);
    let answer = patch.header("content-type", "application/json").send().await;
    let problem = answer.problem(422, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/metadata/a");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f46_two_editors_of_one_profile_do_not_overwrite_each_other() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let seen = firm.owner.get("/v1/tenant").send().await;
    let tag = seen.header("etag").to_owned();
    let edit = |name: &str| firm.owner.patch("/v1/tenant", json!({ "name": name })).header("if-match", &tag).send();
    let (one, two) = futures_util::future::join(edit("One"), edit("Two")).await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let other = app.unverified_firm("shenzhen").await;
    let slug = other.owner.get("/v1/tenant").ok().await["slug"].clone();
    firm.owner.patch("/v1/tenant", json!({ "slug": slug })).send().await.problem(409, "slug_taken");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f46_two_programs_of_one_person_do_not_overwrite_each_other() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let tag = firm.owner.get("/v1/me").send().await.header("etag").to_owned();
    let edit = |name: &str| firm.owner.patch("/v1/me", json!({ "display_name": name })).header("if-match", &tag).send();
    let (one, two) = futures_util::future::join(edit("One"), edit("Two")).await;
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let name = firm.owner.get("/v1/me").ok().await["user"]["display_name"].clone();
    let winner = if one.status == 200 { one } else { two };
    assert_eq!(winner.value()["display_name"], name);
    let next = firm.owner.patch("/v1/me", json!({ "locale": "en" })).header("if-match", winner.header("etag"));
    assert_eq!(next.send().await.status, 200, "the answer to a change has the next tag");
    edit(name.as_str().unwrap()).await.value();
    edit("Three").await.problem(412, "precondition_failed");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_another_role_is_told_by_mail_once() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    app.member(&firm, "sales").await;
    let email = "sales@foshan.example";
    let path = format!("/v1/members/{}", member(&firm, email).await["id"].as_str().unwrap());
    let own = firm.owner.post("/v1/roles", json!({ "name": "仓库", "permissions": ["orders:read"] })).ok().await;
    let told = || app.mails(email).iter().filter(|mail| mail.subject.contains("角色")).count();
    for (role, mails) in [(json!("sales"), 0), (json!("viewer"), 1), (json!("viewer"), 1), (own["id"].clone(), 2)] {
        firm.owner.patch(&path, json!({ "role": role })).ok().await;
        app.run_jobs().await;
        assert_eq!(told(), mails, "{role}");
    }
    assert!(app.mails(email).iter().any(|mail| mail.subject.contains("仓库")), "a role of one's own by its name");
}
