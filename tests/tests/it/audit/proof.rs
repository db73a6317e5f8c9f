//! Rows that are proved by signed roots, with nothing but what the API gave out.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use jobs::Enqueue;
use serde_json::{Value, json};
use std::{collections::BTreeMap, io::Write, path::Path, process::Command};
use tempfile::NamedTempFile;
use tests::{Firm, TestApp, product};

fn file(content: &Value) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content.to_string().as_bytes()).unwrap();
    file
}

/// What the independent check says, if there is a Python to run it.
fn python(proof: &Value, keys: &Value) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/examples/verify_audit_proof.py");
    let (proof, keys) = (file(proof), file(keys));
    let output = Command::new("python3").arg("-B").arg(script).arg(proof.path()).arg(keys.path()).output().ok()?;
    let said = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert_eq!(output.status.success(), said == "proved", "{said} {}", String::from_utf8_lossy(&output.stderr));
    Some(said)
}

/// Whether the root's signature is right.
fn signed(proof: &Value) -> bool {
    let root = &proof["root"];
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let lines = ["tenant", "first_seq", "last_seq", "hash", "made_at"].map(|name| format!("{}\n", text(&root[name])));
    let bytes = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap();
    let key = VerifyingKey::from_bytes(&bytes(&root["key"]["x"]).try_into().unwrap()).unwrap();
    let signature = Signature::from_slice(&bytes(&root["signature"])).unwrap();
    key.verify(format!("smecloud audit root 1\n{}", lines.concat()).as_bytes(), &signature).is_ok()
}

async fn seal(app: &TestApp) {
    let sweep = |tx: &mut db::PlatformTx<'_>| tx.enqueue(&platform::FindNewAuditRows {});
    app.state.db.platform("test.seal", kernel::Actor::system("test"), sweep).await.unwrap();
    app.run_jobs().await;
}

async fn rows(firm: &Firm) -> Vec<Value> {
    firm.owner.get("/v1/audit-log?limit=100").ok().await["data"].as_array().unwrap().clone()
}

async fn proof(firm: &Firm, row: &Value) -> Value {
    firm.owner.get(format!("/v1/audit-log/{}/proof", row["id"].as_str().unwrap())).ok().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_proved_by_a_root_and_a_changed_one_is_not() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    for number in 0..4 {
        firm.owner.post("/v1/products", product("凤凰单丛", &format!("A-{number}"), 9_900, Some(3))).ok().await;
    }
    let early = rows(&firm).await;
    let newest = format!("/v1/audit-log/{}/proof", early[0]["id"].as_str().unwrap());
    firm.owner.get(&newest).send().await.problem(409, "not_provable_yet");
    seal(&app).await;
    let keys = app.visitor().get("/.well-known/jwks.json").ok().await;
    for row in &early {
        let proof = proof(&firm, row).await;
        assert_eq!((&proof["leaf"]["hash"], &proof["root"]["tenant"]), (&row["hash"], &json!(firm.id)));
        assert!(signed(&proof));
        assert_eq!(python(&proof, &keys).unwrap_or_else(|| "proved".into()), "proved");
    }
    let good = proof(&firm, &early[2]).await;
    for (pointer, value, said) in [
        ("/leaf/action", json!("product.deleted"), "was changed"),
        ("/leaf/seq", json!(1), "was changed"),
        ("/path/0", json!("00".repeat(32)), "is not under this root"),
        ("/path", json!([]), "is not under this root"),
        ("/root/first_seq", json!(2), "is not under this root"),
        ("/root/hash", json!("00".repeat(32)), "is not under this root"),
        ("/root/tenant", json!("ten_00000000000000000000000000"), "is not under this root"),
        ("/root/made_at", json!("2026-11-01T00:00:00.000000Z"), "signature is wrong"),
        ("/root/key/x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"), "not the platform's"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        let verdict = python(&bad, &keys).unwrap_or_else(|| said.into());
        assert!(verdict.contains(said), "{pointer}: {verdict}");
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn later_rows_come_under_later_roots_and_old_proofs_outlive_their_key() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    seal(&app).await;
    let first = proof(&firm, rows(&firm).await.last().unwrap()).await;
    app.clock.advance(Duration::hours(1));
    let firm = app.signed_in_again(&firm).await;
    let administrator = app.administrator().await;
    administrator.post("/admin/v1/signing-keys/rotate", json!({ "at_once": false })).ok().await;
    seal(&app).await;
    seal(&app).await;
    let told = rows(&firm).await;
    let mut roots = BTreeMap::new();
    for row in told.iter().skip(1).rev() {
        let proof = proof(&firm, row).await;
        assert!(signed(&proof));
        let number = |name: &str| proof["root"][name].as_i64().unwrap();
        roots.insert(number("first_seq"), (number("last_seq"), proof["root"]["key"]["kid"].clone()));
    }
    let mut next = 1;
    for (first_seq, (last_seq, _)) in &roots {
        assert_eq!(*first_seq, next, "every row is under one root: {roots:?}");
        next = last_seq + 1;
    }
    let keys: Vec<_> = roots.values().map(|(_, key)| key).collect();
    assert_ne!(keys.first(), keys.last(), "the later root has the later key");
    let again = proof(&firm, told.last().unwrap()).await;
    assert_eq!(again, first, "a root stays");
    assert!(signed(&again));
    let theirs = format!("/v1/audit-log/{}/proof", told[0]["id"].as_str().unwrap());
    let other = app.signed_in_again(&other).await;
    other.owner.get(theirs).send().await.problem(404, "not_found");
    let read = "SELECT count(*) FROM audit_log WHERE action = 'audit_log.read' AND result = 'success'";
    assert!(app.count(read) > 0);
    app.run_jobs().await;
}
