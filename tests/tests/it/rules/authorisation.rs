//! A70, A74: who may do what. `authorisation.toml`, compared with the document, and with what the API does for everybody it names.

use super::{
    matrix::{Demand, MATRIX, Who},
    requests::Operation,
};
use kernel::permission::{Permission, Role};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::{Answer, Client, TestApp};

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
        let (said, demand) = (&operation.spec["security"], Demand::of(&operation));
        let scheme = if demand.people { "person" } else { "bearer" };
        let expected = match demand.who {
            Who::Everybody => Value::Null,
            Who::Person | Who::Administrator => json!([{ scheme: [] }]),
            Who::Holder(permission) => json!([{ scheme: [permission.as_str()] }]),
        };
        assert_eq!(*said, expected, "{}", operation.id());
        let for_administrators = operation.template.starts_with("/admin/");
        let demands_one = demand.who == Who::Administrator;
        assert_eq!(for_administrators && operation.secured(), demands_one, "{}", operation.id());
        let unfit = demand.scope().filter(|scope| !scope.suits_programs());
        assert_eq!(unfit, None, "{} is for people, as no key can have its scope", operation.id());
    }
}

/// The problem's code; a HEAD has none.
fn code(answer: &Answer) -> String {
    if answer.status < 400 || answer.body.is_empty() {
        return String::new();
    }
    answer.value()["code"].as_str().unwrap().to_owned()
}

fn refused(answer: &Answer, (who, why): (&str, &str), operation: &Operation) {
    let code = code(answer);
    assert_eq!(answer.status, 403, "{} as {who}: {}", operation.id(), answer.text());
    assert!(code == why || code.is_empty(), "{} as {who}: {code} instead of {why}", operation.id());
}

fn admitted(answer: &Answer, who: &str, operation: &Operation) {
    let status = answer.status;
    // These refuse a password or code of the body, which the least request there is cannot have right.
    if matches!(code(answer).as_str(), "wrong_password" | "code_refused") {
        return;
    }
    let turned_away = status == 401 || status == 403 || status >= 500;
    assert!(!turned_away, "{} as {who}: {status} {}", operation.id(), answer.text());
}

/// Operations that end, with what they demand.
fn operations() -> impl Iterator<Item = (Operation, Demand)> {
    Operation::all().filter(|operation| !operation.streams()).map(|operation| (operation, Demand::of(&operation)))
}

/// Operations of firms: neither for everybody nor for administrators.
fn of_firms() -> impl Iterator<Item = (Operation, Demand)> {
    operations().filter(|(_, demand)| matches!(demand.who, Who::Person | Who::Holder(_)))
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
    app.database.sql("UPDATE users SET email_verified_at = now() WHERE email_verified_at IS NULL");
    members
}

/// Nothing is destroyed on the way: every id and name in these requests is one that nobody has.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_admits_the_roles_of_the_matrix_and_no_other() {
    let app = TestApp::start().await;
    let members = one_of_each_role(&app).await;
    let (mut let_in, mut turned_away) = (0, 0);
    for (operation, demand) in of_firms() {
        for (role, client) in &members {
            if !demand.admits(*role) {
                let permitted = demand.permission().is_some_and(|permission| role.permissions().contains(&permission));
                let why = if permitted { "owner_only" } else { "permission_denied" };
                refused(&operation.try_it(client).await, (role.as_str(), why), &operation);
                turned_away += 1;
            } else if !demand.owner {
                // What only an owner may do ends the story; its own tests tell it.
                admitted(&operation.try_it(client).await, role.as_str(), &operation);
                let_in += 1;
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
    let scopes: Vec<_> = Permission::ALL.iter().filter(|p| p.suits_programs()).map(|p| p.as_str()).collect();
    let program = firm.program(&scopes).await.client;
    for (operation, demand) in operations() {
        match demand.who {
            Who::Administrator => {
                admitted(&operation.try_it(&administrator).await, "an administrator", &operation);
                for client in [&firm.owner, &program] {
                    let answer = operation.try_it(client).await;
                    assert!(matches!(answer.status, 401 | 403), "{} as an owner: {}", operation.id(), answer.text());
                }
            }
            Who::Person | Who::Holder(_) => {
                let answer = operation.try_it(&administrator).await;
                assert!(matches!(answer.status, 401 | 403), "{} by a token: {}", operation.id(), answer.text());
            }
            Who::Everybody => {
                let answer = operation.try_it(app.visitor()).await;
                let code = code(&answer);
                let asks_who = code == "unauthenticated" || code == "permission_denied" || answer.status >= 500;
                assert!(!asks_who, "{} as a visitor: {}", operation.id(), answer.text());
            }
        }
    }
    app.run_jobs().await;
}

/// A program with the one scope gets in; with all others, it does not; what is for people it cannot do with all of them.
#[tokio::test(flavor = "multi_thread")]
async fn every_operation_admits_the_scope_of_the_matrix_and_no_other() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    app.database.sql("UPDATE limits SET maximum = 100 WHERE meter = 'api_keys'");
    let scopes: Vec<_> = Permission::ALL.iter().copied().filter(|scope| scope.suits_programs()).collect();
    let texts = |keep: &dyn Fn(Permission) -> bool| -> Vec<&str> {
        scopes.iter().filter(|scope| keep(**scope)).map(|scope| scope.as_str()).collect()
    };
    let everything = firm.program(&texts(&|_| true)).await.client;
    let (mut for_programs, mut for_people) = (0, 0);
    for (operation, demand) in of_firms().filter(|(_, demand)| demand.people) {
        refused(&operation.try_it(&everything).await, ("a program", "people_only"), &operation);
        for_people += usize::from(demand.people);
    }
    for scope in &scopes {
        let exact = firm.program(&[scope.as_str()]).await.client;
        let all_but = firm.program(&texts(&|other| other != *scope)).await.client;
        for (operation, _) in of_firms().filter(|(_, demand)| demand.scope() == Some(*scope)) {
            admitted(&operation.try_it(&exact).await, scope.as_str(), &operation);
            refused(&operation.try_it(&all_but).await, ("all other scopes", "permission_denied"), &operation);
            for_programs += 1;
        }
    }
    assert!(for_programs > 40 && for_people > 15, "{for_programs} for programs, {for_people} for people");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_fresh_session_refuses_an_old_one_and_nothing_else_does() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    app.clock.advance(chrono::Duration::minutes(6));
    let mut refusals = 0;
    for (operation, demand) in of_firms() {
        if demand.step_up {
            refused(&operation.try_it(&firm.owner).await, ("an owner of long ago", "step_up_required"), &operation);
            refusals += 1;
        } else if !demand.owner {
            admitted(&operation.try_it(&firm.owner).await, "an owner of long ago", &operation);
        }
    }
    assert!(refusals >= 2, "{refusals} operations need a fresh session");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_verified_address_refuses_another_and_nothing_else_does() {
    let app = TestApp::start().await;
    let firm = app.unverified_firm("tea-chaozhou").await;
    let mut refusals = 0;
    for (operation, demand) in of_firms() {
        if demand.verified {
            refused(&operation.try_it(&firm.owner).await, ("an unverified owner", "email_not_verified"), &operation);
            refusals += 1;
        } else if !demand.owner {
            admitted(&operation.try_it(&firm.owner).await, "an unverified owner", &operation);
        }
    }
    assert!(refusals >= 6, "{refusals} operations need a verified address");
    app.run_jobs().await;
}

/// What takes rights away and gives none.
const PROTECTING: [&str; 2] = ["revoke_api_key", "revoke_invitation"];

/// A firm that may only look, and one that may not even do that: for its people and its programs alike.
#[tokio::test(flavor = "multi_thread")]
async fn a_firm_that_is_held_is_held_in_every_operation() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    let scopes: Vec<_> = Permission::ALL.iter().filter(|scope| scope.suits_programs()).map(|p| p.as_str()).collect();
    let program = firm.program(&scopes).await.client;
    for status in ["suspended", "read_only"] {
        app.database.sql(&format!("UPDATE tenants SET status = '{status}'"));
        for (operation, demand) in of_firms() {
            let Some(permission) = demand.permission() else {
                let answer = operation.try_it(&firm.owner).await;
                assert!(answer.status != 401 && answer.status < 500, "{}: {}", operation.id(), answer.text());
                continue;
            };
            let reads = permission.as_str().ends_with(":read");
            let held = match status {
                _ if PROTECTING.contains(&operation.id()) => None,
                "read_only" if reads => None,
                "read_only" => Some("tenant_read_only"),
                _ => Some("tenant_suspended"),
            };
            for client in [&firm.owner, &program].into_iter().take(if demand.people { 1 } else { 2 }) {
                let answer = operation.try_it(client).await;
                match held {
                    Some(why) => refused(&answer, (status, why), &operation),
                    None => admitted(&answer, status, &operation),
                }
            }
        }
    }
    app.run_jobs().await;
}
