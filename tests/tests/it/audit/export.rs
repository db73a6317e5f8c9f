use audit::{BrokenChain, Chain, Head};
use chrono::Duration;
use kernel::Clock;
use serde_json::{Value, json};
use std::{io::Write, path::Path, process::Command};
use tests::{Answer, Firm, TestApp, product};

/// The independent check, if there is a Python to run it.
fn python(export: &str, head: &Head) -> Option<(bool, String)> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/examples/verify_audit_export.py");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(export.as_bytes()).unwrap();
    let output = Command::new("python3").arg(script).arg(file.path()).arg(head.to_string()).output().ok()?;
    Some((output.status.success(), String::from_utf8(output.stdout).unwrap()))
}

fn check(export: &str, head: &Head) -> Result<u64, BrokenChain> {
    let mut chain = Chain::part(Some(head.clone()));
    export.lines().try_for_each(|line| chain.follow_line(line))?;
    chain.end().map(|(rows, _)| rows)
}

/// Both checks must find, or not find, something at the same row.
fn both(export: &str, head: &Head) -> Result<u64, BrokenChain> {
    let found = check(export, head);
    if let Some((sound, said)) = python(export, head) {
        assert_eq!(sound, found.is_ok(), "{said} {found:?}");
        let named = |number: i64| said.contains(&format!(" {number} "));
        match found {
            Err(BrokenChain::Changed { seq }) => assert_eq!(said.trim(), format!("row {seq} was changed")),
            Err(BrokenChain::NotNext { expected, found }) => assert!(named(expected) && named(found), "{said}"),
            Err(BrokenChain::NotLinked { seq }) => assert!(named(seq), "{said}"),
            _ => {}
        }
    }
    found
}

fn head(answer: &Answer) -> Head {
    answer.header("audit-head").parse().unwrap()
}

async fn export(firm: &Firm, query: &str) -> Answer {
    let answer = firm.owner.get(format!("/v1/audit-log/export?{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_proves_itself_to_whoever_has_only_the_file_and_the_head() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    for number in 0..4 {
        firm.owner.post("/v1/products", product("凤凰单丛", &format!("A-{number}"), 9_900, Some(3))).ok().await;
    }
    let answer = export(&firm, "").await;
    let (text, head) = (answer.text(), head(&answer));
    assert_eq!(answer.header("content-type"), "application/jsonl");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(both(&text, &head), Ok(u64::try_from(lines.len()).unwrap()));
    assert_eq!(i64::try_from(lines.len()).unwrap(), head.seq);
    let first: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!((&first["seq"], &first["prev_hash"]), (&json!(1), &json!("0".repeat(64))));
    assert_eq!(first["tenant"], firm.id);

    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        change(&mut lines);
        both(&(lines.join("\n") + "\n"), &head)
    };
    let flipped = changed(&|lines| lines[3] = lines[3].replace("\"success\"", "\"refused\""));
    assert_eq!(flipped, Err(BrokenChain::Changed { seq: 4 }));
    let dropped = changed(&|lines| drop(lines.remove(3)));
    assert_eq!(dropped, Err(BrokenChain::NotNext { expected: 4, found: 5 }));
    assert_eq!(changed(&|lines| lines.swap(3, 4)), Err(BrokenChain::NotNext { expected: 4, found: 5 }));
    let cut = changed(&|lines| drop(lines.pop()));
    assert_eq!(cut, Err(BrokenChain::Truncated { last: head.seq - 1, head: head.seq }));
    // Without its address a row is as sound as before.
    assert!(changed(&|lines| lines[3] = lines[3].replace("\"127.0.0.1\"", "null")).is_ok());

    let again = export(&firm, "").await.text();
    let exported: Value = serde_json::from_str(again.lines().last().unwrap()).unwrap();
    assert_eq!((&exported["action"], &exported["seq"]), (&json!("audit_log.exported"), &json!(head.seq + 1)));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_of_the_log_is_a_run_of_the_chain() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    app.clock.advance(Duration::minutes(5));
    let from = app.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    firm.owner.post("/v1/products", product("茶", "A-1", 9_900, Some(3))).ok().await;
    app.clock.advance(Duration::minutes(5));
    let to = app.clock.now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    firm.owner.post("/v1/products", product("茶", "A-2", 9_900, Some(3))).ok().await;
    let answer = export(&firm, &format!("from={from}&to={to}")).await;
    assert_eq!(both(&answer.text(), &head(&answer)), Ok(1));
    assert!(answer.text().contains("product.created"));
    let none = export(&firm, &format!("to={from}&from={to}")).await;
    assert_eq!((none.text().as_str(), head(&none)), ("", Head::origin()));
    firm.owner.get("/v1/audit-log/export?format=xml").send().await.problem(422, "validation_failed");
    let viewer = app.member(&firm, "viewer").await;
    viewer.get("/v1/audit-log/export").send().await.problem(403, "permission_denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_exports_come_whole_in_batches_and_sheets_have_every_row() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let scope = db::TenantScope::grant(firm.id.parse().unwrap(), kernel::Actor::system("=cmd()"));
    let many = app.state.db.tenant("test.many", scope, |tx| {
        use audit::Audited;
        (0..1_234).try_for_each(|number| tx.audit("thing.done", format!("-{number}"), json!({ "text": "=1\"" })))
    });
    many.await.unwrap();
    let answer = export(&firm, "format=jsonl").await;
    assert_eq!(check(&answer.text(), &head(&answer)), Ok(u64::try_from(head(&answer).seq).unwrap()));
    let sheet = export(&firm, "format=csv").await;
    let text = sheet.text();
    assert_eq!(text.trim_start_matches('\u{feff}').lines().count(), usize::try_from(head(&sheet).seq).unwrap() + 1);
    assert!(text.contains("\"'-7\"") && text.contains("\"'=cmd()\""), "formulas are defused");
    assert!(!text.contains(",\"-7\"") && text.contains("\"\"=1\\\"\"\"\""));
}

/// T19: there is no name or address of an export to be guessed; each is the answer to its own request.
#[tokio::test(flavor = "multi_thread")]
async fn t19_two_exports_at_once_have_each_their_own_rows() {
    let app = TestApp::start().await;
    let (one, two) = app.two_firms().await;
    for firm in [&one, &two] {
        for number in 0..20 {
            firm.owner.post("/v1/categories", json!({ "name": format!("茶 {number}") })).ok().await;
        }
    }
    let exports = (0..8).map(|number| export(if number % 2 == 0 { &one } else { &two }, ""));
    let exports = futures_util::future::join_all(exports).await;
    for (number, answer) in exports.iter().enumerate() {
        let (own, text) = (if number % 2 == 0 { &one } else { &two }, answer.text());
        assert!(both(&text, &head(answer)).unwrap() > 20);
        for line in text.lines() {
            assert_eq!(serde_json::from_str::<Value>(line).unwrap()["tenant"], own.id, "{line}");
        }
    }
    app.visitor().get("/v1/audit-log/export").send().await.problem(401, "unauthenticated");
    app.run_jobs().await;
}
