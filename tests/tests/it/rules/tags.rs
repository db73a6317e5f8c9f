//! Editors do not overwrite each other, and readers need not read twice.

use super::requests::Operation;
use reqwest::Method;
use serde_json::Value;

fn takes(operation: &Operation, header: &str) -> bool {
    operation.parameters("header").any(|(name, _)| name == header)
}

#[test]
fn f46_every_partial_change_can_be_made_dependent_on_what_was_seen() {
    // Only a person changes themselves, and only a name and a language.
    // A piece of an upload carries the offset that its sender has seen.
    let own = |operation: &Operation| matches!(operation.id(), "update_me" | "append_to_resumable_upload");
    let changes: Vec<_> = Operation::all().filter(|of| of.method() == Method::PATCH && !own(of)).collect();
    assert!(changes.len() >= 3);
    for operation in changes {
        assert!(takes(&operation, "If-Match"), "{} does not take If-Match", operation.id());
    }
}

#[test]
fn every_json_answer_to_a_get_has_a_tag_and_may_be_spared() {
    let mut seen = 0;
    for operation in Operation::all().filter(|operation| operation.method() == Method::GET) {
        let answer = &operation.spec["responses"]["200"];
        if answer["content"]["application/json"].is_null() {
            continue;
        }
        let described = |value: &Value| !value.is_null();
        assert!(described(&answer["headers"]["ETag"]), "{} has no ETag", operation.id());
        assert!(described(&operation.spec["responses"]["304"]), "{} has no 304", operation.id());
        assert!(takes(&operation, "If-None-Match"), "{} does not take If-None-Match", operation.id());
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}
