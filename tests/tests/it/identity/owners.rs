//! Owners who hand over, and members who leave.

use super::{is_signed_in, member, refresh, text};
use chrono::Duration;
use serde_json::{Value, json};
use tests::{Firm, PASSWORD, TestApp};

async fn path_of(firm: &Firm, email: &str) -> String {
    format!("/v1/members/{}", text(&member(firm, email).await, "/id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_hands_the_firm_to_another_member_and_stays_as_administrator() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let heir = app.member(&firm, "sales").await;
    let (own, theirs) = (path_of(&firm, &firm.email).await, path_of(&firm, "sales@foshan.example").await);
    firm.owner.post(format!("{own}/transfer-ownership"), json!({})).send().await.problem(409, "already_owner");
    let nobody = "/v1/members/mem_00000000000000000000000000/transfer-ownership";
    firm.owner.post(nobody, json!({})).send().await.problem(404, "not_found");
    heir.post(format!("{theirs}/transfer-ownership"), json!({})).send().await.problem(403, "permission_denied");

    let made = firm.owner.post(format!("{theirs}/transfer-ownership"), json!({})).ok().await;
    assert_eq!((&made["role"], &made["email"]), (&json!("owner"), &json!("sales@foshan.example")));
    let role = |me: Value| me["role"].clone();
    assert_eq!(role(heir.get("/v1/me").ok().await), "owner");
    assert_eq!(role(firm.owner.get("/v1/me").ok().await), "admin");
    firm.owner.post(format!("{theirs}/transfer-ownership"), json!({})).send().await.problem(403, "owner_only");
    firm.owner.delete(&theirs).send().await.problem(403, "role_not_yours");
    assert_eq!(heir.delete(&own).send().await.status, 204, "an owner may remove who was one");
    app.run_jobs().await;
    assert!(app.mails(&firm.email).iter().any(|mail| mail.subject.contains("所有者")), "the old owner is told");
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action = 'tenant.ownership_transferred'"), 1);
    assert_eq!(app.count("SELECT count(*) FROM members WHERE role = 'owner'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_alone_does_not_hand_the_firm_over() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    app.member(&firm, "admin").await;
    let theirs = path_of(&firm, "admin@foshan.example").await;
    app.clock.advance(Duration::minutes(6));
    for path in [format!("{theirs}/transfer-ownership"), "/v1/tenant/close".into()] {
        firm.owner.post(path, json!({})).send().await.problem(403, "step_up_required");
    }
    assert_eq!(app.count("SELECT count(*) FROM members WHERE role = 'owner'"), 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_owners_against_each_other_leave_one() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let second = app.member(&firm, "admin").await;
    let paths = [path_of(&firm, &firm.email).await, path_of(&firm, "admin@foshan.example").await];
    firm.owner.patch(&paths[1], json!({ "role": "owner" })).ok().await;
    let demote = json!({ "role": "viewer" });
    let (one, two) = futures_util::future::join(
        firm.owner.patch(&paths[1], demote.clone()).send(),
        second.patch(&paths[0], demote).send(),
    )
    .await;
    let succeeded = [one.status, two.status].iter().filter(|status| **status == 200).count();
    assert_eq!(succeeded, 1, "{} {}", one.text(), two.text());
    assert_eq!(app.count("SELECT count(*) FROM members WHERE role = 'owner'"), 1);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_leaves_and_an_old_session_does_not_come_alive_again() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let guest = app.firm("guest").await;
    let joins = |role: &'static str| {
        let (app, firm, guest) = (&app, &firm, &guest);
        async move {
            firm.owner.post("/v1/invitations", json!({ "email": guest.email, "role": role })).ok().await;
            app.run_jobs().await;
            let token = app.token_from_mail(&guest.email);
            app.visitor().post("/v1/invitations/accept", json!({ "token": token })).ok().await;
        }
    };
    joins("sales").await;
    let there = json!({ "tenant_id": firm.id });
    let tokens = guest.owner.post("/v1/auth/switch-tenant", there.clone()).ok().await;
    let inside = app.visitor().with_token(text(&tokens, "/access_token"));
    let own = path_of(&firm, &guest.email).await;
    inside.delete(path_of(&firm, &firm.email).await).send().await.problem(403, "permission_denied");
    assert_eq!(inside.delete(&own).send().await.status, 204);

    assert!(!is_signed_in(&inside).await);
    refresh(&app, &text(&tokens, "/refresh_token")).await.problem(401, "refresh_token_invalid");
    guest.owner.post("/v1/auth/switch-tenant", there).send().await.problem(404, "not_found");
    assert!(is_signed_in(&guest.owner).await, "their own firm is another matter");
    joins("viewer").await;
    assert!(!is_signed_in(&inside).await, "coming back does not revive what ended");
    assert_eq!(app.count("SELECT count(*) FROM sessions WHERE revoked_reason = 'no_standing'"), 1);
    app.run_jobs().await;
    assert!(app.mails(&guest.email).iter().any(|mail| mail.subject.contains("不再是")), "they are told");
    let log_in = json!({ "email": guest.email, "password": PASSWORD });
    app.visitor().post("/v1/auth/log-in", log_in).ok().await;
}

/// Who runs the firm is told, by whatever role they do.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_the_firm_that_may_run_it_hears_who_owns_it() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let own = |name: &str, permissions: Value| json!({ "name": name, "permissions": permissions });
    let runs = firm.owner.post("/v1/roles", own("管家", json!(["tenants:read", "tenants:admin"]))).ok().await;
    let looks = firm.owner.post("/v1/roles", own("看客", json!(["tenants:read"]))).ok().await;
    for (name, role) in [("developer", &runs), ("viewer", &looks), ("sales", &Value::Null)] {
        app.member(&firm, name).await;
        let path = path_of(&firm, &format!("{name}@foshan.example")).await;
        if role.is_object() {
            firm.owner.patch(&path, json!({ "role": role["id"] })).ok().await;
        }
    }
    let heir = path_of(&firm, "sales@foshan.example").await;
    firm.owner.post(format!("{heir}/transfer-ownership"), json!({})).ok().await;
    app.run_jobs().await;
    let told = |name: &str| {
        let mails = app.mails(&format!("{name}@foshan.example"));
        mails.iter().any(|mail| mail.subject.contains("所有者"))
    };
    assert!(told("developer") && told("sales") && !told("viewer"));
}
