//! The verification of a firm's business, from both sides of the desk.

use super::text;
use serde_json::{Value, json};
use tests::{Client, Firm, TestApp};

const CODE: &str = "91440300708461136T";

/// Stores a licence and returns the file's id.
async fn licence(firm: &Firm, bytes: &'static str) -> Value {
    firm.owner.post("/v1/buckets", json!({ "name": "papers" })).send().await;
    let put = firm.owner.request(reqwest::Method::PUT, "/v1/buckets/papers/files/licence.txt");
    put.bytes(bytes).ok().await["id"].clone()
}

fn request(code: &str, file: &Value) -> Value {
    json!({ "unified_social_credit_code": code, "legal_name": "佛山市联合家具有限公司", "licence_file_id": file })
}

async fn asks(firm: &Firm, code: &str, file: &Value) -> Value {
    firm.owner.post("/v1/verification", request(code, file)).ok().await
}

fn desk(request: &Value, what: &str) -> String {
    format!("/admin/v1/verifications/{}/{what}", text(request, "/id"))
}

async fn state(firm: &Firm) -> Value {
    firm.owner.get("/v1/tenant").ok().await["verification"].clone()
}

async fn rejects(admin: &Client, request: &Value, reason: &str) {
    admin.post(desk(request, "reject"), json!({ "reason": reason })).ok().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_is_rejected_asks_again_and_is_verified() {
    let app = TestApp::start().await;
    let (firm, admin) = (app.firm("foshan").await, app.administrator().await);
    firm.owner.get("/v1/verification").send().await.problem(404, "not_found");
    assert_eq!(state(&firm).await, "none");
    let file = licence(&firm, "licence").await;
    let first = asks(&firm, " ９１４４０３００７０８４６１１３６t ", &file).await;
    assert_eq!((&first["unified_social_credit_code"], &first["status"]), (&json!(CODE), &json!("pending")));
    assert_eq!((&first["warnings"], state(&firm).await), (&json!([]), json!("pending")));
    firm.owner.post("/v1/verification", request(CODE, &file)).send().await.problem(409, "verification_pending");

    let waiting = admin.get("/admin/v1/verifications?status=pending").ok().await;
    assert_eq!((&waiting["data"][0]["id"], &waiting["data"][0]["tenant"]["id"]), (&first["id"], &json!(firm.id)));
    let paper = admin.get(desk(&first, "licence")).send().await;
    assert_eq!((paper.status, paper.text().as_str()), (200, "licence"));
    rejects(&admin, &first, "照片不清晰").await;
    admin.post(desk(&first, "approve"), json!({})).send().await.problem(409, "verification_settled");
    let told = firm.owner.get("/v1/verification").ok().await;
    assert_eq!((&told["status"], &told["reason"]), (&json!("rejected"), &json!("照片不清晰")));
    assert_eq!(state(&firm).await, "rejected");

    let second = asks(&firm, CODE, &file).await;
    let approved = admin.post(desk(&second, "approve"), json!({})).ok().await;
    assert_eq!(approved["status"], "verified");
    let profile = firm.owner.get("/v1/tenant").ok().await;
    assert_eq!((&profile["verification"], &profile["unified_social_credit_code"]), (&json!("verified"), &json!(CODE)));
    firm.owner.post("/v1/verification", request(CODE, &file)).send().await.problem(409, "already_verified");
    app.run_jobs().await;

    let subjects: Vec<String> = app.mails(&firm.email).into_iter().map(|mail| mail.subject).collect();
    assert!(subjects[0].contains("已通过企业认证") && subjects[1].contains("未通过企业认证"), "{subjects:?}");
    let inbox = firm.owner.get("/v1/notifications").ok().await;
    assert_eq!(inbox["data"].as_array().unwrap().len(), 2);
    let types = firm.event_types().await;
    let about: Vec<&String> = types.iter().filter(|kind| kind.starts_with("tenant.ver")).collect();
    assert_eq!(
        about,
        [
            "tenant.verification_requested",
            "tenant.verification_rejected",
            "tenant.verification_requested",
            "tenant.verified"
        ]
    );
    let actions = "SELECT count(*) FROM audit_log WHERE action IN ('admin.verifications_listed', 'admin.licence_read',
        'tenant.licence_read', 'admin.verification_rejected', 'admin.verification_approved', 'tenant.verified')";
    assert_eq!(app.count(actions), 7, "one refused approval among them");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_numbers_are_warned_of_and_taken_and_what_is_no_number_is_not() {
    let app = TestApp::start().await;
    let firm = app.firm("foshan").await;
    let file = licence(&firm, "licence").await;
    for wrong in ["", "9144030070846113", "91440300708461136TT", "9144 300708461136T"] {
        let refused = firm.owner.post("/v1/verification", request(wrong, &file)).send().await;
        let problem = refused.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/unified_social_credit_code", "{problem:#}");
    }
    let real = asks(&firm, "91350100M0001TGQXM", &file).await;
    assert_eq!(real["warnings"], json!(["check_character"]));
    let typo = firm.owner.patch("/v1/tenant", json!({ "unified_social_credit_code": "9144o300708461136T" })).ok().await;
    assert_eq!(typo["unified_social_credit_code"], "9144O300708461136T");
    assert_eq!(typo["warnings"], json!(["unused_letter"]));
    let none = firm.owner.patch("/v1/tenant", json!({ "unified_social_credit_code": null })).ok().await;
    assert_eq!((&none["unified_social_credit_code"], &none["warnings"]), (&Value::Null, &json!([])));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verified_number_stays_until_another_is_verified() {
    let app = TestApp::start().await;
    let (firm, admin) = (app.firm("foshan").await, app.administrator().await);
    let file = licence(&firm, "licence").await;
    let first = asks(&firm, CODE, &file).await;
    admin.post(desk(&first, "approve"), json!({})).ok().await;
    for other in [json!("91110000600037341L"), Value::Null] {
        let body = json!({ "unified_social_credit_code": other });
        firm.owner.patch("/v1/tenant", body).send().await.problem(409, "credit_code_verified");
    }
    firm.owner.patch("/v1/tenant", json!({ "unified_social_credit_code": CODE, "name": "Renamed" })).ok().await;
    let second = asks(&firm, "91110000600037341L", &file).await;
    assert_eq!(state(&firm).await, "verified", "it asks for another, and has this one");
    rejects(&admin, &second, "not yours").await;
    assert_eq!(state(&firm).await, "verified");
    let third = asks(&firm, "91110000600037341L", &file).await;
    admin.post(desk(&third, "approve"), json!({})).ok().await;
    assert_eq!(firm.owner.get("/v1/tenant").ok().await["unified_social_credit_code"], "91110000600037341L");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_licence_is_the_firms_own_and_stays_what_it_was() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    let admin = app.administrator().await;
    let (file, foreign) = (licence(&firm, "licence").await, licence(&other, "foreign").await);
    let mut told = Vec::new();
    for file in [&foreign, &json!("fil_00000000000000000000000000")] {
        let refused = firm.owner.post("/v1/verification", request(CODE, file)).send().await;
        told.push(refused.problem(422, "validation_failed")["errors"].clone());
    }
    assert_eq!(told[0], told[1]);
    let viewer = app.member(&firm, "viewer").await;
    viewer.post("/v1/verification", request(CODE, &file)).send().await.problem(403, "permission_denied");

    let asked = asks(&firm, CODE, &file).await;
    licence(&firm, "another paper").await;
    admin.get(desk(&asked, "licence")).send().await.problem(409, "licence_changed");
    let gone = firm.owner.delete("/v1/buckets/papers/files/licence.txt").send().await;
    assert_eq!(gone.status, 204, "{}", gone.text());
    admin.get(desk(&asked, "licence")).send().await.problem(404, "not_found");
    other.owner.get("/v1/verification").send().await.problem(404, "not_found");
    let bad = admin.post(desk(&asked, "reject"), json!({ "reason": " " })).send().await;
    bad.problem(422, "validation_failed");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_at_once_one_is_made_and_of_many_decisions_one_counts() {
    let app = TestApp::start().await;
    let (firm, admin) = (app.firm("foshan").await, app.administrator().await);
    let file = licence(&firm, "licence").await;
    let tries = (0..5).map(|_| firm.owner.post("/v1/verification", request(CODE, &file)).send());
    let answers = futures_util::future::join_all(tries).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409]);
    let made = firm.owner.get("/v1/verification").ok().await;
    let approve = |_| admin.post(desk(&made, "approve"), json!({})).send();
    let reject = admin.post(desk(&made, "reject"), json!({ "reason": "no" })).send();
    let (approved, rejected) =
        futures_util::future::join(futures_util::future::join_all((0..3).map(approve)), reject).await;
    let settled = approved.iter().chain([&rejected]).filter(|answer| answer.status == 200).count();
    assert_eq!(settled, 1);
    app.run_jobs().await;
    assert_eq!(app.mails(&firm.email).iter().filter(|mail| mail.subject.contains("企业认证")).count(), 1);
}
