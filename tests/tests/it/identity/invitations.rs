use super::{credentials, text};
use chrono::Duration;
use serde_json::{Value, json};
use tests::{Answer, PASSWORD, TestApp};

async fn accept(app: &TestApp, body: Value) -> Answer {
    app.visitor().post("/v1/invitations/accept", body).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_new_joins_once_with_a_password_of_their_own() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let email = "new@example.cn";
    let made = firm.owner.post("/v1/invitations", json!({ "email": email, "role": "sales" })).ok().await;
    firm.owner
        .post("/v1/invitations", json!({ "email": " NEW@example.cn", "role": "viewer" }))
        .send()
        .await
        .problem(409, "already_invited");
    app.run_jobs().await;
    let old = app.token_from_mail(email);
    assert!(!made.to_string().contains(&old), "the token goes by mail alone");
    firm.owner.post(format!("/v1/invitations/{}/resend", text(&made, "/id")), json!({})).ok().await;
    app.run_jobs().await;
    let token = app.token_from_mail(email);
    accept(&app, json!({ "token": old, "password": PASSWORD })).await.problem(400, "invitation_invalid");
    accept(&app, json!({ "token": token })).await.problem(422, "validation_failed");
    let body = json!({ "token": token, "password": PASSWORD, "display_name": "新人" });
    let answers = futures_util::future::join_all((0..5).map(|_| accept(&app, body.clone()))).await;
    let joined: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(joined.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 400)));
    let joined = joined[0].value();
    let me = app.visitor().with_token(text(&joined, "/access_token")).get("/v1/me").ok().await;
    assert_eq!((&me["role"], &me["user"]["email_verified"]), (&json!("sales"), &json!(true)));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_account_joins_with_it_and_signs_in_as_ever() {
    let app = TestApp::start().await;
    let (host, guest) = app.two_firms().await;
    host.owner.post("/v1/invitations", json!({ "email": guest.email, "role": "finance" })).ok().await;
    app.run_jobs().await;
    let token = app.token_from_mail(&guest.email);
    let joined = accept(&app, json!({ "token": token, "password": "another pass phrase 77" })).await;
    assert_eq!(joined.status, 200, "{}", joined.text());
    assert!(joined.value()["access_token"].is_null(), "an invitation is no log-in");
    assert_eq!(app.visitor().post("/v1/auth/log-in", credentials(&guest.email)).send().await.status, 200);
    let me = guest.owner.get("/v1/me").ok().await;
    assert_eq!((me["memberships"].as_array().unwrap().len(), &me["tenant"]["id"]), (2, &json!(guest.id)));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_address_nobody_verified_does_not_join() {
    let app = TestApp::start().await;
    let host = app.firm("host").await;
    let squatter = app.unverified_firm("squatter").await;
    host.owner.post("/v1/invitations", json!({ "email": squatter.email, "role": "admin" })).ok().await;
    app.run_jobs().await;
    let token = app.token_from_mail(&squatter.email);
    accept(&app, json!({ "token": token })).await.problem(409, "account_not_verified");
    app.pass(Duration::days(7)).await;
    accept(&app, json!({ "token": token })).await.problem(400, "invitation_invalid");
    for broken in ["", "x", &"0".repeat(69), &token.to_uppercase(), "é".repeat(40).as_str()] {
        accept(&app, json!({ "token": broken, "password": PASSWORD })).await.problem(400, "invitation_invalid");
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_owner_gives_takes_back_or_renews_an_owners_invitation() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let admin = app.member(&firm, "admin").await;
    let owner = json!({ "email": "heir@example.cn", "role": "owner" });
    admin.post("/v1/invitations", owner.clone()).send().await.problem(403, "role_not_yours");
    let made = firm.owner.post("/v1/invitations", owner).ok().await;
    let path = format!("/v1/invitations/{}", text(&made, "/id"));
    admin.post(format!("{path}/resend"), json!({})).send().await.problem(403, "role_not_yours");
    admin.delete(&path).send().await.problem(403, "role_not_yours");
    assert_eq!(firm.owner.delete(&path).send().await.status, 204);
    firm.owner.delete(&path).send().await.problem(409, "invitation_settled");
    app.run_jobs().await;
    let token = app.token_from_mail("heir@example.cn");
    accept(&app, json!({ "token": token, "password": PASSWORD })).await.problem(400, "invitation_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn f48_nobody_is_flooded_with_invitations() {
    let app = TestApp::start().await;
    let firms = [app.unverified_firm("one").await, app.unverified_firm("two").await];
    let victim = "victim@example.cn";
    let mut sent = 0;
    for firm in &firms {
        let body = json!({ "email": victim, "role": "viewer" });
        let made = firm.owner.post("/v1/invitations", body).send().await;
        if made.status != 201 {
            made.problem(429, "too_many_requests");
            continue;
        }
        sent += 1;
        for _ in 0..4 {
            let path = format!("/v1/invitations/{}/resend", text(&made.value(), "/id"));
            let again = firm.owner.post(path, json!({})).send().await;
            assert!(matches!(again.status, 200 | 429), "{}", again.text());
            sent += usize::from(again.status == 200);
        }
    }
    app.run_jobs().await;
    assert_eq!((sent, app.mails(victim).len()), (3, 3), "whoever sends them");
}
