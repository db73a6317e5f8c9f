//! Roles that a firm makes itself.

use super::{member, text};
use serde_json::{Value, json};
use tests::{Firm, TestApp};

async fn make(firm: &Firm, name: &str, permissions: &[&str]) -> Value {
    firm.owner.post("/v1/roles", json!({ "name": name, "permissions": permissions })).ok().await
}

fn path(role: &Value) -> String {
    format!("/v1/roles/{}", text(role, "/id"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_may_what_the_firms_own_role_says_at_present() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let role = make(&firm, " 仓库 ", &["tenants:read", "catalogue:read", "catalogue:write"]).await;
    assert_eq!((&role["name"], &role["built_in"]), (&json!("仓库"), &json!(false)));
    let packer = app.member(&firm, role["id"].as_str().unwrap()).await;
    let email = format!("{}@foshan.example", text(&role, "/id"));
    let invited = app.mails(&email).into_iter().find(|mail| mail.text.contains("token=")).unwrap();
    assert!(invited.text.contains("仓库") && !invited.text.contains("rol_"), "{}", invited.text);
    let me = packer.get("/v1/me").ok().await;
    assert_eq!((&me["role"], &me["permissions"]), (&role["id"], &role["permissions"]));
    packer.post("/v1/categories", json!({ "name": "茶" })).ok().await;
    packer.get("/v1/orders").send().await.problem(403, "permission_denied");

    let seen = firm.owner.get(path(&role)).send().await;
    let more = json!({ "permissions": ["tenants:read", "orders:read"] });
    let changed = firm.owner.patch(path(&role), more.clone()).header("if-match", seen.header("etag")).send().await;
    assert!(changed.status == 200 && changed.header("etag").starts_with("\"2"), "{}", changed.text());
    let again = firm.owner.patch(path(&role), more).header("if-match", seen.header("etag")).send().await;
    assert_eq!(
        (again.status, again.header("etag")),
        (200, changed.header("etag")),
        "what is so already stays as it is"
    );
    let other = json!({ "permissions": ["files:read"] });
    let stale = firm.owner.patch(path(&role), other).header("if-match", seen.header("etag")).send().await;
    stale.problem(412, "precondition_failed");
    packer.get("/v1/orders").ok().await;
    packer.post("/v1/categories", json!({ "name": "瓷" })).send().await.problem(403, "permission_denied");

    let listed = firm.owner.get("/v1/roles").ok().await;
    let names: Vec<&Value> = listed["data"].as_array().unwrap().iter().map(|role| &role["name"]).collect();
    assert_eq!((names.len(), names[0], names[8]), (9, &json!("owner"), &json!("仓库")));
    assert_eq!(firm.owner.get("/v1/tenants").ok().await["data"][0]["role"], "owner");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_in_use_stays_and_names_its_users() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let role = make(&firm, "Packer", &["orders:read"]).await;
    let packer = app.member(&firm, role["id"].as_str().unwrap()).await;
    let invite = json!({ "email": "next@example.cn", "role": role["id"] });
    let open = firm.owner.post("/v1/invitations", invite.clone()).ok().await;
    let refused = firm.owner.delete(path(&role)).send().await.problem(409, "role_in_use");
    let found = member(&firm, &format!("{}@foshan.example", text(&role, "/id"))).await;
    assert_eq!((&refused["members"], &refused["invitations"]), (&json!([found["id"]]), &json!([open["id"]])));

    let invitation = format!("/v1/invitations/{}", text(&open, "/id"));
    assert_eq!(firm.owner.delete(invitation).send().await.status, 204);
    firm.owner.patch(format!("/v1/members/{}", text(&found, "/id")), json!({ "role": "viewer" })).ok().await;
    assert_eq!(firm.owner.delete(path(&role)).send().await.status, 204);
    firm.owner.get(path(&role)).send().await.problem(404, "not_found");
    firm.owner.delete(path(&role)).send().await.problem(404, "not_found");
    firm.owner.post("/v1/invitations", invite).send().await.problem(422, "validation_failed");
    assert_eq!(packer.get("/v1/me").ok().await["role"], "viewer");
    app.run_jobs().await;
    let types = firm.event_types().await;
    assert!(types.contains(&"role.created".into()) && types.contains(&"role.deleted".into()), "{types:?}");
    assert_eq!(app.count("SELECT count(*) FROM audit_log WHERE action IN ('role.created', 'role.deleted')"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_invitation_does_not_hold_its_role() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let role = make(&firm, "Packer", &["orders:read"]).await;
    let made = firm.owner.post("/v1/invitations", json!({ "email": "n@example.cn", "role": role["id"] })).ok().await;
    app.pass(chrono::Duration::days(7)).await;
    let firm = app.signed_in_again(&firm).await;
    let state = firm.owner.get("/v1/invitations").ok().await["data"][0]["status"].clone();
    assert_eq!(state, "expired");
    assert_eq!(firm.owner.delete(path(&role)).send().await.status, 204);
    let resend = format!("/v1/invitations/{}/resend", text(&made, "/id"));
    firm.owner.post(resend, json!({})).send().await.problem(409, "invitation_settled");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_changes_or_hands_out_a_role_beyond_their_own() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let own = ["tenants:read", "tenants:admin", "orders:read"];
    let clerks = make(&firm, "Personnel", &own).await;
    let larger = make(&firm, "Cashier", &["payments:write"]).await;
    let clerk = app.member(&firm, clerks["id"].as_str().unwrap()).await;
    let sales = app.member(&firm, "sales").await;

    let beyond = json!({ "name": "Mine", "permissions": ["orders:read", "payments:write"] });
    clerk.post("/v1/roles", beyond).send().await.problem(403, "role_not_yours");
    let within = json!({ "name": "Reader", "permissions": ["orders:read"] });
    let reader = clerk.post("/v1/roles", within).ok().await;
    for (role, body) in [
        (&clerks, json!({ "permissions": ["tenants:read", "tenants:admin", "orders:read", "orders:write"] })),
        (&reader, json!({ "permissions": ["files:read"] })),
        (&larger, json!({ "permissions": ["orders:read"] })),
        (&larger, json!({ "name": "Taken over" })),
    ] {
        clerk.patch(path(role), body).send().await.problem(403, "role_not_yours");
    }
    clerk.delete(path(&larger)).send().await.problem(403, "role_not_yours");

    for role in [&json!("owner"), &json!("admin"), &json!("auditor"), &json!("sales"), &larger["id"]] {
        let body = json!({ "email": "x@example.cn", "role": role });
        clerk.post("/v1/invitations", body).send().await.problem(403, "role_not_yours");
    }
    let invitation = json!({ "email": "x@example.cn", "role": reader["id"] });
    clerk.post("/v1/invitations", invitation).ok().await;
    let theirs = member(&firm, "sales@foshan.example").await;
    let theirs = format!("/v1/members/{}", text(&theirs, "/id"));
    clerk.patch(&theirs, json!({ "role": reader["id"] })).send().await.problem(403, "role_not_yours");
    clerk.delete(&theirs).send().await.problem(403, "role_not_yours");
    sales
        .post("/v1/roles", json!({ "name": "R", "permissions": ["orders:read"] }))
        .send()
        .await
        .problem(403, "permission_denied");
    assert_eq!(sales.get("/v1/me").ok().await["role"], "sales");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_needs_a_name_of_its_own_and_permissions_that_exist() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    for body in [
        json!({ "name": "", "permissions": ["orders:read"] }),
        json!({ "name": "x".repeat(61), "permissions": ["orders:read"] }),
        json!({ "name": "a\u{0}b", "permissions": ["orders:read"] }),
        json!({ "name": "None", "permissions": [] }),
        json!({ "name": "Rockets", "permissions": ["rockets:launch"] }),
        json!({ "name": "Extra", "permissions": ["orders:read"], "built_in": true }),
        json!({ "permissions": ["orders:read"] }),
    ] {
        let refused = firm.owner.post("/v1/roles", body.clone()).unchecked().send().await;
        assert_eq!(refused.status, 422, "{body}: {}", refused.text());
    }
    for name in ["Owner", "catalogue manager", "AUDITOR"] {
        let body = json!({ "name": name, "permissions": ["orders:read"] });
        firm.owner.post("/v1/roles", body).send().await.problem(409, "role_name_taken");
    }
    let body = json!({ "name": "Packer", "permissions": ["orders:read", "orders:read"] });
    let tries = (0..5).map(|_| firm.owner.post("/v1/roles", body.clone()).send());
    let answers = futures_util::future::join_all(tries).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409]);
    let other = make(&firm, "Other", &["orders:read"]).await;
    firm.owner.patch(path(&other), json!({ "name": "pACKER" })).send().await.problem(409, "role_name_taken");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t05_another_firms_names_and_roles_tell_nothing() {
    let app = TestApp::start().await;
    let (tea, parts) = app.two_firms().await;
    let theirs = make(&tea, "Packer", &["orders:read"]).await;
    make(&parts, "Packer", &["orders:read"]).await;
    let someone = app.member(&parts, "viewer").await;
    let someone_id = text(&member(&parts, "viewer@parts-shenzhen.example").await, "/id");
    let nobodys = json!("rol_00000000000000000000000000");
    let mut told = Vec::new();
    for role in [&theirs["id"], &nobodys] {
        let invite = json!({ "email": "x@example.cn", "role": role });
        let invited = parts.owner.post("/v1/invitations", invite).send().await;
        let change = json!({ "role": role });
        let changed = parts.owner.patch(format!("/v1/members/{someone_id}"), change).send().await;
        told.push([invited, changed].map(|answer| (answer.status, answer.value()["errors"].clone())));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0][0].0, 422);
    for method in ["GET", "PATCH", "DELETE"] {
        let mut request = parts.owner.request(method.parse().unwrap(), path(&theirs));
        if method == "PATCH" {
            request = request.json(json!({ "name": "Mine" }));
        }
        request.send().await.problem(404, "not_found");
    }
    // An address invited by one firm is free to be invited by another.
    for firm in [&tea, &parts] {
        firm.owner.post("/v1/invitations", json!({ "email": "same@example.cn", "role": "viewer" })).ok().await;
    }
    assert_eq!(someone.get("/v1/me").ok().await["role"], "viewer");
    assert_eq!(tea.owner.get(path(&theirs)).ok().await["name"], "Packer");
    app.run_jobs().await;
}
