use super::text;
use auth::totp::TotpSecret;
use chrono::Duration;
use kernel::{Clock, secrets::Secret};
use serde_json::json;
use tests::TestApp;

const EMAIL: &str = "first@cloud.example";
const ADMIN_PASSWORD: &str = "granite lantern 41 orchard";

#[tokio::test(flavor = "multi_thread")]
async fn a52_the_first_log_in_enrols_and_opens_nothing_before_the_code() {
    let app = TestApp::start().await;
    let new = platform::NewAdministrator {
        email: EMAIL.parse().unwrap(),
        password: Secret::new(ADMIN_PASSWORD.into()),
        totp: None,
    };
    platform::ensure_administrator(&app.state.db, &app.state.authority, &new).await.unwrap();
    let log_in =
        |password: &str| app.visitor().post("/admin/v1/log-in", json!({ "email": EMAIL, "password": password })).send();
    log_in("wrong but long enough").await.problem(401, "wrong_credentials");
    let challenge = log_in(ADMIN_PASSWORD).await.value();
    let mfa = text(&challenge, "/mfa_token");
    let secret = TotpSecret::from_base32(&text(&challenge, "/enrolment/secret")).unwrap();
    for path in ["/admin/v1/me", "/admin/v1/tenants", "/v1/me"] {
        app.visitor().with_token(&mfa).get(path).send().await.problem(401, "unauthenticated");
    }
    let confirm = |code: String| app.visitor().post("/admin/v1/mfa", json!({ "mfa_token": mfa, "code": code })).send();
    let code = secret.code(app.clock.now()).unwrap();
    let signed_in = confirm(code.clone()).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text());
    confirm(code).await.problem(401, "wrong_code");
    assert!(log_in(ADMIN_PASSWORD).await.value()["enrolment"].is_null(), "the secret is shown no more");
    let admin = app.visitor().with_token(text(&signed_in.value(), "/access_token"));
    assert_eq!(admin.get("/admin/v1/me").ok().await["email"], EMAIL);
    app.clock.advance(Duration::hours(1));
    admin.get("/admin/v1/me").send().await.problem(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn firms_are_listed_in_pages_and_every_call_is_audited() {
    let app = TestApp::start().await;
    let admin = app.administrator().await;
    for name in ["alpha", "beta", "gamma"] {
        app.unverified_firm(name).await;
    }
    let calls = "SELECT count(*) FROM audit_log WHERE action LIKE 'admin.%'";
    assert_eq!(app.count(calls), 0);
    let first = admin.get("/admin/v1/tenants?limit=2").ok().await;
    assert_eq!((first["data"].as_array().unwrap().len(), &first["has_more"]), (2, &json!(true)));
    let cursor = text(&first, "/next_cursor");
    let rest = admin.get(format!("/admin/v1/tenants?limit=2&cursor={cursor}")).ok().await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["has_more"]), (1, &json!(false)));
    admin.get(format!("/admin/v1/tenants?q=a&cursor={cursor}")).send().await.problem(400, "cursor_mismatch");
    let found = admin.get("/admin/v1/tenants?q=ALPH&status=active").ok().await;
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    for path in ["/admin/v1/tenants?q=%00", "/admin/v1/tenants?status=x", "/admin/v1/tenants?limit=0"] {
        let answer = admin.get(path).unchecked().send().await;
        assert!(matches!(answer.status, 400 | 422), "{path}: {}", answer.text());
    }
    admin.get("/admin/v1/me").ok().await;
    admin.get("/admin/v1/overview").ok().await;
    admin.get("/admin/v1/tenants/ten_00000000000000000000000000").send().await.problem(404, "not_found");
    assert_eq!(app.count(calls), 6);
    app.count("WITH gone AS (UPDATE administrators SET disabled_at = now() RETURNING 1) SELECT count(*) FROM gone");
    admin.get("/admin/v1/tenants").send().await.problem(401, "unauthenticated");
    app.run_jobs().await;
}
