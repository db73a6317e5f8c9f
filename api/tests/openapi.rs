//! The committed description of the API is the one that the endpoints make.

use std::{collections::HashSet, path::Path};

#[test]
fn the_committed_document_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.yaml");
    let made = api::openapi::yaml(&api::openapi::document()).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = made.lines().zip(committed.lines()).position(|(made, committed)| made != committed);
    assert!(
        made == committed,
        "openapi.yaml differs from line {}: run `UPDATE=1 cargo nextest run -p api --test openapi`",
        differing.unwrap_or(made.lines().count().min(committed.lines().count())) + 1
    );
}

#[test]
fn every_operation_has_a_name_of_its_own_a_tag_and_a_refusal() {
    let document = serde_json::to_value(api::openapi::document()).unwrap();
    let mut names = HashSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        assert!(!path.ends_with('/'), "{path}");
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap_or_default();
            assert!(!name.is_empty() && names.insert(name.to_owned()), "{method} {path}: {name:?}");
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path}");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
            assert!(operation["summary"].is_string(), "{method} {path}");
            let declared: HashSet<&str> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let used: HashSet<&str> =
                path.split(['{', '}']).skip(1).step_by(2).map(|name| name.split(':').next().unwrap()).collect();
            assert_eq!(declared, used, "{method} {path}");
        }
    }
}

#[test]
fn money_is_never_a_float_and_references_lead_somewhere() {
    let document = serde_json::to_value(api::openapi::document()).unwrap();
    let mut values = vec![&document];
    while let Some(value) = values.pop() {
        if let Some(reference) = value.get("$ref").and_then(|reference| reference.as_str()) {
            let place = reference.trim_start_matches('#');
            assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
        }
        assert!(value.get("type").is_none_or(|kind| kind != "number"), "a float: {value}");
        match value {
            serde_json::Value::Array(items) => values.extend(items),
            serde_json::Value::Object(members) => values.extend(members.values()),
            _ => {}
        }
    }
}
