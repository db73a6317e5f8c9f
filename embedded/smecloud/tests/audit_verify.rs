//! `smecloud audit verify` of an export, with nothing else at hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its tools too")]

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

/// Lines as an export has them, from a row on.
fn lines(first: i64) -> Vec<String> {
    let mut prev = "0".repeat(64);
    (first..first + 4)
        .map(|seq| {
            let mut row = json!({ "seq": seq, "action": "thing.done", "detail": { "b": 1, "a": "茶" }, "prev_hash": prev });
            prev = hex::encode(Sha256::digest(row.to_string().as_bytes()));
            row["hash"] = json!(prev);
            row["address"] = Value::Null;
            row.to_string()
        })
        .collect()
}

fn verify(path: &Path, lines: &[String], head: Option<&str>) -> Output {
    fs::write(path, lines.join("\n") + "\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_smecloud"));
    command.env_clear().args(["audit", "verify"]).arg(path);
    command.args(head.map(|head| format!("--head={head}"))).output().unwrap()
}

#[test]
fn an_export_is_checked_without_the_platform() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("export.jsonl");
    let whole = lines(1);
    let last: Value = serde_json::from_str(&whole[3]).unwrap();
    let head = format!("4:{}", last["hash"].as_str().unwrap());
    let sound = |lines: &[String], head: Option<&str>| {
        let output = verify(&path, lines, head);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let broken = |lines: &[String], head: Option<&str>, says: &str| {
        let output = verify(&path, lines, head);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), text.trim()), (Some(1), format!("smecloud: {says}").as_str()));
    };
    assert!(sound(&whole, Some(&head)).contains("4 rows, 1 to 4: unbroken"));
    assert!(sound(&whole[..2], None).contains("Without --head"));
    assert!(sound(&lines(7), None).contains("Rows before 7 are not in this export"));
    let flipped = [&whole[..2], &[whole[2].replace("done", "gone")], &whole[3..]].concat();
    broken(&flipped, None, "row 3 was changed");
    broken(&[&whole[..1], &whole[2..]].concat(), None, "row 2 should stand where row 3 does: it was dropped or moved");
    broken(&whole[..3], Some(&head), "the rows after 3 are missing: the head is row 4");
    broken(&["nonsense".to_owned()], None, "what should be row 1 cannot be read");
}
