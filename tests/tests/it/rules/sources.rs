//! Rules about the code itself, where the compiler does not know them.

use super::requests::Operation;
use reqwest::Method;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All Rust files of the project with their text.
pub(super) fn rust_files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name().into_string().unwrap_or_default());
            if path.is_dir() && !matches!(name.as_str(), "target" | "node_modules" | "data") && !name.starts_with('.') {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push((path.strip_prefix(root()).unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files
}

#[test]
fn files_are_short_and_have_telling_names() {
    for (path, text) in rust_files() {
        assert!(text.lines().count() <= 500, "{} is longer than 500 lines", path.display());
        let name = path.file_stem().unwrap().to_str().unwrap();
        let vague = ["utils", "util", "helpers", "helper", "common", "misc", "types", "models", "manager", "service"];
        assert!(!vague.contains(&name), "{} says nothing by its name", path.display());
    }
}

/// The document promises an `Idempotency-Key` where the code heeds one, and nowhere else: `KEYLESS` in `api/src/openapi.rs`.
#[test]
fn keys_are_promised_where_they_are_heeded() {
    let files = rust_files();
    for operation in Operation::all().filter(|operation| operation.method() == Method::POST) {
        let name = format!("operation_id = \"{}\"", operation.id());
        let file = files.iter().find(|(path, text)| path.starts_with("api/src") && text.contains(&name));
        let (_, text) = file.unwrap_or_else(|| panic!("no file has {name}"));
        let parameters = operation.spec["parameters"].as_array().into_iter().flatten();
        let promised = parameters.filter(|parameter| parameter["name"] == "Idempotency-Key").count() == 1;
        let heeded = [": Once", ": RequiredOnce"].iter().any(|argument| text.contains(argument));
        assert_eq!(promised, heeded, "{}: promised, heeded", operation.id());
    }
}

/// Whoever may act in a tenant is decided in few places; a new one is added here after thought, not by accident.
#[test]
fn scopes_are_granted_in_few_places() {
    let allowed = BTreeMap::from([
        ("bench/search/src/market.rs", "the firm whose titles are searched, in a database of the measurement's own"),
        ("foundation/jobs/src/job.rs", "a claimed job acts for the tenant of its row"),
        ("domains/auth/src/principal.rs", "an authenticated caller acts in the firm of the token"),
        ("domains/auth/src/api_key/authenticate.rs", "a key's token names the firm in which its digests are looked up"),
        (
            "domains/auth/src/standing.rs",
            "a person's own membership is looked up before the person is known to have one",
        ),
        ("domains/orders/src/parties.rs", "a party of an order acts in its seller's books"),
        ("domains/onboarding/src/found.rs", "the founder of a firm that is being founded"),
        (
            "domains/onboarding/src/accept_invitation.rs",
            "an invitation's token names the firm in which its digest is looked up",
        ),
        ("domains/shares/src/enter.rs", "a link's token names the firm in which its digest is looked up"),
        ("domains/shares/src/public.rs", "an address names the firm whose public files are looked up"),
        ("domains/platform/src/chain.rs", "the platform's own audit chain, which is no firm's"),
        (
            "domains/platform/src/verifications_desk.rs",
            "an administrator decides about a firm's request, which is noted",
        ),
        ("foundation/audit/src/platform.rs", "the platform's own audit chain, which is no firm's"),
        ("domains/platform/src/chain.rs", "the check of a firm's audit chain reads its rows"),
    ]);
    let found: BTreeSet<String> = rust_files()
        .into_iter()
        .filter(|(path, text)| {
            let test = path.components().any(|part| part.as_os_str() == "tests") || path.starts_with("foundation/db");
            !test
                && text.lines().any(|line| {
                    !line.trim_start().starts_with("//")
                        && (line.contains("TenantScope::grant(") || line.contains("Self::grant("))
                })
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    let allowed: BTreeSet<String> = allowed.into_keys().map(str::to_owned).collect();
    assert_eq!(found, allowed);
}

/// The drawn edges of docs/ARCHITECTURE.md: what each room may use of the others.
#[test]
fn rooms_use_only_the_rooms_drawn() {
    const FOUNDATION: &[&str] = &["kernel", "db", "jobs", "audit", "metering"];
    let edges: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("foundation/kernel", [].as_slice()),
        ("foundation/db", &["kernel"]),
        ("foundation/jobs", &["kernel", "db"]),
        ("foundation/audit", &["kernel", "db"]),
        ("foundation/metering", &["kernel", "db"]),
        ("domains/tenants", &[]),
        ("domains/notifications", &["tenants"]),
        ("domains/auth", &["tenants", "notifications"]),
        ("domains/files", &["notifications"]),
        ("domains/imports", &["catalogue", "files", "tenants"]),
        ("domains/shares", &["auth", "files", "tenants"]),
        ("domains/ledger", &["notifications"]),
        ("domains/catalogue", &["files", "notifications"]),
        ("domains/payments", &["ledger", "notifications"]),
        ("domains/orders", &["catalogue", "files", "payments", "ledger", "notifications", "tenants"]),
        ("domains/billing", &["tenants", "payments", "ledger", "notifications"]),
        (
            "domains/onboarding",
            &["auth", "tenants", "billing", "notifications", "files", "catalogue", "ledger", "orders"],
        ),
    ]);
    let rooms: BTreeSet<&str> =
        edges.keys().map(|path| path.rsplit('/').next().unwrap()).chain(["platform", "api", "worker"]).collect();
    for (path, allowed) in edges {
        let manifest: toml::Table = fs::read_to_string(root().join(path).join("Cargo.toml")).unwrap().parse().unwrap();
        for dependency in
            manifest["dependencies"].as_table().unwrap().keys().filter(|name| rooms.contains(name.as_str()))
        {
            let drawn = allowed.contains(&dependency.as_str())
                || (path.starts_with("domains/") && FOUNDATION.contains(&dependency.as_str()));
            assert!(drawn, "{path} may not use {dependency}");
        }
    }
}

/// Each outside SDK lives in one room.
#[test]
fn outside_libraries_stay_in_their_rooms() {
    let homes = [
        ("s3::", "domains/files"),
        ("lettre::", "domains/notifications"),
        ("jsonwebtoken::", "domains/auth"),
        ("argon2::", "domains/auth"),
        ("stripe_core::", "domains/payments"),
    ];
    for (path, text) in rust_files() {
        // What is measured is set beside the bare object store.
        let apart = path.starts_with("embedded") || path.starts_with("bench");
        if apart || path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for (library, home) in homes {
            let used = text.lines().any(|line| line.trim_start().starts_with(&format!("use {library}")));
            assert!(!used || path.starts_with(home), "{} uses {library}, whose home is {home}", path.display());
        }
    }
}

/// Every job says who leaves it, whether it may be repeated, in what order, and when it gives up.
#[test]
fn every_job_answers_the_four_questions() {
    let mut jobs = 0;
    for (path, text) in rust_files().into_iter().filter(|(path, _)| path.starts_with("domains")) {
        if !text.contains("impl Job for") {
            continue;
        }
        jobs += 1;
        for question in ["Enqueued by", "Repeats:", "Order:", "Gives up:"] {
            assert!(text.contains(question), "{} does not answer `{question}`", path.display());
        }
    }
    assert!(jobs > 5, "{jobs} jobs found");
}

/// Two types of one name would be one schema in the document, and one of them would be described by the other.
#[test]
fn no_two_schemas_of_the_document_have_one_name() {
    let declared = regex::Regex::new(
        r"derive\([^)]*\bToSchema\b[^)]*\)\]((?:\s*#\[[^\n]*\])*)\s*(?:pub\S* )?(?:struct|enum) (\w+)",
    )
    .unwrap();
    let renamed = regex::Regex::new(r"schema\(as = (\w+)").unwrap();
    let mut names: BTreeMap<String, PathBuf> = BTreeMap::new();
    for (path, text) in rust_files() {
        for found in declared.captures_iter(&text) {
            let name = renamed.captures(&found[1]).map_or_else(|| found[2].to_owned(), |name| name[1].to_owned());
            if let Some(other) = names.insert(name.clone(), path.clone()) {
                panic!("{name} is a schema in {} and in {}", other.display(), path.display());
            }
        }
    }
    assert!(names.len() > 60, "{} schemas", names.len());
}
