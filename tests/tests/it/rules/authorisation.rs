//! Who may do what: `authorisation.toml`, compared with the document, and with what the API does.

use super::requests::Operation;
use kernel::permission::{Permission, Role};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};
use tests::{Answer, Client, TestApp};

/// What an operation demands of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    Nothing,
    SignedIn,
    Owner,
    Administrator,
    Permission(Permission),
}

static MATRIX: LazyLock<BTreeMap<String, Demand>> = LazyLock::new(|| {
    let lines: BTreeMap<String, String> = toml::from_str(include_str!("authorisation.toml")).unwrap();
    let read = |text: &str| match text {
        "public" => Demand::Nothing,
        "signed_in" => Demand::SignedIn,
        "owner" => Demand::Owner,
        "administrator" => Demand::Administrator,
        permission => Demand::Permission(permission.parse().unwrap()),
    };
    lines.into_iter().map(|(operation, demand)| (operation, read(&demand))).collect()
});

fn demand(operation: &Operation) -> Demand {
    *MATRIX.get(operation.id()).unwrap_or_else(|| panic!("{} is not in authorisation.toml", operation.id()))
}

#[test]
fn the_matrix_names_every_operation_and_no_other() {
    let documented: BTreeSet<_> = Operation::all().map(|operation| operation.id().to_owned()).collect();
    let listed: BTreeSet<_> = MATRIX.keys().cloned().collect();
    let missing: Vec<_> = documented.difference(&listed).collect();
    assert!(missing.is_empty(), "operations that are not in authorisation.toml: {missing:?}");
    let gone: Vec<_> = listed.difference(&documented).collect();
    assert!(gone.is_empty(), "in authorisation.toml, but not in the document: {gone:?}");
}

#[test]
fn the_document_demands_what_the_matrix_says() {
    for operation in Operation::all() {
        let said = &operation.spec["security"];
        let expected = match demand(&operation) {
            Demand::Nothing => Value::Null,
            Demand::SignedIn | Demand::Administrator => json!([{ "bearer": [] }]),
            // An owner has every permission, and this one is the least that a role must have to be asked further.
            Demand::Owner => json!([{ "bearer": ["tenants:admin"] }]),
            Demand::Permission(permission) => json!([{ "bearer": [permission.as_str()] }]),
        };
        assert_eq!(*said, expected, "{}", operation.id());
        let for_administrators = operation.template.starts_with("/admin/");
        let demands_one = demand(&operation) == Demand::Administrator;
        assert_eq!(for_administrators && operation.secured(), demands_one, "{}", operation.id());
    }
}

/// The problem's code; a HEAD has none.
fn code(answer: &Answer) -> String {
    if answer.status < 400 || answer.body.is_empty() {
        return String::new();
    }
    answer.value()["code"].as_str().unwrap().to_owned()
}

fn refused(answer: &Answer, who: &str, operation: &Operation) {
    let code = code(answer);
    assert_eq!(answer.status, 403, "{} as {who}: {}", operation.id(), answer.text());
    let says_why = matches!(code.as_str(), "permission_denied" | "owner_only" | "");
    assert!(says_why, "{} as {who}: {code}", operation.id());
}

fn admitted(answer: &Answer, who: &str, operation: &Operation) {
    let status = answer.status;
    let turned_away = status == 401 || status == 403 || status >= 500;
    assert!(!turned_away, "{} as {who}: {status} {}", operation.id(), answer.text());
}

/// A member of every role. The smallest plan allows a firm five members, so that there are two firms.
async fn one_of_each_role(app: &TestApp) -> Vec<(Role, Client)> {
    let (tea, parts) = app.two_firms().await;
    let mut members = vec![(Role::Owner, tea.owner.clone())];
    for (at, role) in Role::ALL.iter().filter(|role| **role != Role::Owner).enumerate() {
        let firm = if at < 4 { &tea } else { &parts };
        members.push((*role, app.member(firm, role.as_str()).await));
    }
    for (role, client) in &members {
        assert_eq!(client.get("/v1/me").ok().await["role"], role.as_str());
    }
    members
}

/// Nothing is destroyed on the way: every id and name in these requests is one that nobody has.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_admits_the_roles_of_the_matrix_and_no_other() {
    let app = TestApp::start().await;
    let members = one_of_each_role(&app).await;
    let (mut let_in, mut turned_away) = (0, 0);
    for operation in Operation::all().filter(|operation| !operation.streams()) {
        for (role, client) in &members {
            let may = match demand(&operation) {
                Demand::Permission(permission) => role.permissions().contains(&permission),
                Demand::SignedIn => true,
                // What an owner may do here ends the story: identity::closing and identity::owners tell it.
                Demand::Owner if *role == Role::Owner => continue,
                Demand::Owner => false,
                Demand::Nothing | Demand::Administrator => continue,
            };
            let answer = operation.try_it(client).await;
            if may {
                admitted(&answer, role.as_str(), &operation);
                let_in += 1;
            } else {
                refused(&answer, role.as_str(), &operation);
                turned_away += 1;
            }
        }
    }
    assert!(let_in > 250 && turned_away > 150, "{let_in} let in, {turned_away} turned away");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_and_members_of_firms_are_different_people() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let administrator = app.administrator().await;
    for operation in Operation::all().filter(|operation| !operation.streams()) {
        match demand(&operation) {
            Demand::Administrator => {
                admitted(&operation.try_it(&administrator).await, "an administrator", &operation);
                let answer = operation.try_it(&firm.owner).await;
                assert!(matches!(answer.status, 401 | 403), "{} as an owner: {}", operation.id(), answer.text());
            }
            Demand::SignedIn | Demand::Owner | Demand::Permission(_) => {
                let answer = operation.try_it(&administrator).await;
                assert!(matches!(answer.status, 401 | 403), "{} by a token: {}", operation.id(), answer.text());
            }
            Demand::Nothing => {
                let answer = operation.try_it(app.visitor()).await;
                let code = code(&answer);
                let asks_who = code == "unauthenticated" || code == "permission_denied" || answer.status >= 500;
                assert!(!asks_who, "{} as a visitor: {}", operation.id(), answer.text());
            }
        }
    }
    app.run_jobs().await;
}
