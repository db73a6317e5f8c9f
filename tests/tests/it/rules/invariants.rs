//! Invariants: each has one number, one place, a way it is kept and a test that would notice.

use super::sources::{root, rust_files};
use std::{collections::BTreeMap, fs};

/// Every invariant of the crates: its number and the file that states it.
fn stated() -> BTreeMap<String, String> {
    let statement = regex::Regex::new(r"(?m)^//! - (INV-[A-Z]+[0-9]+): ").unwrap();
    let mut found = BTreeMap::new();
    for (path, text) in rust_files() {
        for number in statement.captures_iter(&text) {
            let path = path.display().to_string();
            if let Some(other) = found.insert(number[1].to_owned(), path.clone()) {
                panic!("{} is stated in {other} and in {path}", &number[1]);
            }
        }
    }
    found
}

/// The rows of docs/INVARIANTS.md: number, and what shows it.
fn listed() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("docs/INVARIANTS.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| INV-"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "{row}");
        (cells[0].to_owned(), cells[3].to_owned())
    })
    .collect()
}

#[test]
fn every_invariant_is_stated_once_and_listed() {
    let (stated, listed) = (stated(), listed());
    let missing: Vec<_> = stated.iter().filter(|(number, _)| !listed.contains_key(*number)).collect();
    assert!(missing.is_empty(), "not in docs/INVARIANTS.md: {missing:#?}");
    let gone: Vec<_> = listed.keys().filter(|number| !stated.contains_key(*number)).collect();
    assert!(gone.is_empty(), "in docs/INVARIANTS.md, but stated nowhere: {gone:?}");
    assert!(stated.len() > 50, "{} invariants", stated.len());
}

#[test]
fn every_invariant_is_shown_by_a_test_that_exists() {
    let sources: String = rust_files().into_iter().map(|(_, text)| text).collect();
    for (number, shown) in listed() {
        let tests: Vec<&str> = shown.split('`').skip(1).step_by(2).filter(|name| name.contains('_')).collect();
        assert!(!tests.is_empty() || shown.starts_with("compile-fail examples"), "{number} is shown by nothing");
        for test in tests {
            assert!(sources.contains(&format!("fn {test}(")), "{number}: there is no test {test}");
        }
    }
}
