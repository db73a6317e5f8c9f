//! A44: where there is a virus scanner, nobody reads what it has not found clean.

use super::{bucket, put};
use chrono::Duration;
use serde_json::{Value, json};
use tests::{Answer, Firm, TestApp, VirusScanner, eicar};

/// A picture with a virus behind it.
fn sick_picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(200, 200).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    [bytes.into_inner(), eicar().into_bytes()].concat()
}

async fn read(firm: &Firm, path: &str) -> Answer {
    firm.owner.get(format!("/v1/buckets/docs/files/{path}")).send().await
}

async fn view(firm: &Firm, file: &Value) -> Value {
    firm.owner.get(format!("/v1/files/{}", file["id"].as_str().unwrap())).ok().await
}

/// Every way to the bytes ends with this refusal.
async fn is_refused(firm: &Firm, file: &Value, code: &str) {
    let path = file["path"].as_str().unwrap();
    let place = format!("/v1/buckets/docs/files/{path}");
    read(firm, path).await.problem(409, code);
    firm.owner.get(&place).header("range", "bytes=0-1").send().await.problem(409, code);
    firm.owner.get(&place).header("if-none-match", "*").send().await.problem(409, code);
    assert_eq!(firm.owner.request(reqwest::Method::HEAD, &place).send().await.status, 409);
    let small = format!("/v1/files/{}/thumbnail", file["id"].as_str().unwrap());
    firm.owner.get(small).send().await.problem(409, code);
}

#[tokio::test(flavor = "multi_thread")]
async fn a44_a_file_is_read_once_it_is_clean_and_one_with_a_virus_never() {
    let scanner = VirusScanner::start().await;
    let app = TestApp::start_with(&[("CLAMD_ADDR", &scanner.address)]).await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    let clean = put(&firm.owner, "docs/clean.txt", None, "tea").ok().await;
    let empty = put(&firm.owner, "docs/empty.txt", None, "").ok().await;
    let sick = put(&firm.owner, "docs/sick.txt", None, eicar()).ok().await;
    let picture = put(&firm.owner, "docs/sick.png", None, sick_picture()).ok().await;
    for file in [&clean, &empty, &sick, &picture] {
        assert_eq!(file["scan"], "pending");
        is_refused(&firm, file, "being_scanned").await;
        assert_eq!(read(&firm, file["path"].as_str().unwrap()).await.header("retry-after"), "5");
    }
    app.run_jobs().await;
    assert_eq!(
        (read(&firm, "clean.txt").await.text().as_str(), &view(&firm, &clean).await["scan"]),
        ("tea", &json!("clean"))
    );
    assert_eq!(read(&firm, "empty.txt").await.status, 200);
    for file in [&sick, &picture] {
        assert_eq!(view(&firm, file).await["scan"], "infected");
        is_refused(&firm, file, "quarantined").await;
    }
    let refused = firm.owner.get("/v1/buckets/docs/files/sick.txt").header("accept-language", "zh-CN").send().await;
    assert_eq!(refused.problem(409, "quarantined")["title"], "该文件已被隔离");
    assert_eq!(firm.owner.get("/v1/storage/usage").ok().await["egress_bytes"], 3);
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE derived"), 0, "nothing is made of what is infected");
    is_told(&app, &firm, &sick).await;
    // The way out: a clean version.
    put(&firm.owner, "docs/sick.txt", None, "well again").ok().await;
    app.run_jobs().await;
    assert_eq!(read(&firm, "sick.txt").await.text(), "well again");
}

/// The event log, the audit log, the inbox and a mail name the file.
async fn is_told(app: &TestApp, firm: &Firm, file: &Value) {
    let id = file["id"].as_str().unwrap();
    let events = firm.owner.get("/v1/events?types=file.quarantined").ok().await;
    let event = events["data"].as_array().unwrap().iter().find(|event| event["data"]["object"]["id"] == id);
    let event = event.unwrap_or_else(|| panic!("no event about {id} in {events}"));
    let about = &event["data"]["object"];
    assert_eq!((&about["path"], &about["version_id"]), (&file["path"], &file["version_id"]));
    assert!(about["finding"].as_str().unwrap().to_lowercase().contains("eicar"), "{event}");
    let rows = firm.owner.get(format!("/v1/audit-log?object={id}&action=file.quarantined")).ok().await;
    assert_eq!(rows["data"].as_array().map(Vec::len), Some(1), "{rows}");
    let inbox = firm.owner.get("/v1/notifications").ok().await.to_string();
    assert!(inbox.contains("sick.txt"), "{inbox}");
    let mails = app.mails(&firm.email);
    assert_eq!(mails.iter().filter(|mail| mail.text.contains("sick.txt")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_gets_no_licence_with_a_virus_either() {
    let scanner = VirusScanner::start().await;
    let app = TestApp::start_with(&[("CLAMD_ADDR", &scanner.address)]).await;
    let (firm, admin) = (app.firm("tea").await, app.administrator().await);
    bucket(&firm.owner, "docs", &[]).await;
    let file = put(&firm.owner, "docs/licence.txt", None, eicar()).ok().await;
    let body = json!({ "unified_social_credit_code": "91440300708461136T", "legal_name": "佛山市联合家具有限公司",
        "licence_file_id": file["id"] });
    let request = firm.owner.post("/v1/verification", body).ok().await;
    let licence = format!("/admin/v1/verifications/{}/licence", request["id"].as_str().unwrap());
    admin.get(&licence).send().await.problem(409, "being_scanned");
    app.run_jobs().await;
    admin.get(&licence).send().await.problem(409, "quarantined");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_scanner_is_away_files_wait_and_the_rest_works() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("clamd.sock");
    let app = TestApp::start_with(&[("CLAMD_ADDR", socket.to_str().unwrap())]).await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    let file = put(&firm.owner, "docs/a.txt", None, "tea").ok().await;
    let failed = app.run_jobs_that_may_fail().await;
    assert!(
        matches!(&failed[..], [(kind, reason)] if kind == "files.scan_blob" && reason.contains("reached")),
        "{failed:?}"
    );
    is_refused(&firm, &file, "being_scanned").await;
    assert_eq!(app.visitor().get("/readyz").send().await.status, 200);
    // One that hangs up has said nothing.
    let mute = VirusScanner::mute(&socket);
    app.clock.advance(Duration::minutes(1));
    assert_eq!(app.run_jobs_that_may_fail().await.len(), 1);
    is_refused(&firm, &file, "being_scanned").await;
    drop(mute);
    std::fs::remove_file(&socket).unwrap();
    let _scanner = VirusScanner::at(&socket);
    app.pass(Duration::minutes(5)).await;
    assert_eq!(read(&firm, "a.txt").await.text(), "tea");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_scanner_does_not_look_through_stays_in_quarantine() {
    let scanner = VirusScanner::start().await;
    let app = TestApp::start_with(&[("CLAMD_ADDR", &scanner.address)]).await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    let file = put(&firm.owner, "docs/large.txt", None, vec![b'x'; 8 << 20]).ok().await;
    app.run_jobs().await;
    assert_eq!(view(&firm, &file).await["scan"], "too_large");
    is_refused(&firm, &file, "quarantined").await;
    app.pass(Duration::minutes(10)).await;
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE kind = 'files.scan_blob'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_whose_job_was_lost_is_found_and_repeating_one_changes_nothing() {
    let scanner = VirusScanner::start().await;
    let app = TestApp::start_with(&[("CLAMD_ADDR", &scanner.address)]).await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    let file = put(&firm.owner, "docs/sick.txt", None, eicar()).ok().await;
    app.database.sql("DELETE FROM jobs WHERE kind = 'files.scan_blob'");
    app.pass(Duration::minutes(10)).await;
    is_refused(&firm, &file, "quarantined").await;
    // A worker that died after it had written everything down.
    app.database.sql("UPDATE blobs SET scan = 'pending' WHERE scan = 'infected'");
    app.pass(Duration::minutes(10)).await;
    assert_eq!(app.count("SELECT count(*) FROM notifications WHERE template = 'file_quarantined'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_scanner_nothing_is_scanned() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    let file = put(&firm.owner, "docs/a.txt", None, "tea").ok().await;
    assert_eq!((&file["scan"], read(&firm, "a.txt").await.text().as_str()), (&Value::Null, "tea"));
    app.run_jobs().await;
}
