//! What holds for every operation of the API.

use serde_json::Value;
use tests::{Contract, TestApp};

/// Operations that need no signing in, by api design.
const PUBLIC: &[&str] = &[
    "accept_invitation",
    "admin_log_in",
    "admin_mfa",
    "get_jwks",
    "get_market_product",
    "get_market_seller",
    "list_plans",
    "list_problem_types",
    "log_in",
    "log_out",
    "read_health",
    "read_openapi_json",
    "read_openapi_yaml",
    "read_problem_type",
    "read_readiness",
    "receive_stripe_event",
    "refresh",
    "resend_verification",
    "search_market",
    "sign_up",
    "verify_email",
];

fn secured(operation: &Value) -> bool {
    operation["security"].as_array().is_some_and(|requirements| !requirements.is_empty())
}

#[test]
fn public_operations_are_the_ones_listed() {
    let open: Vec<String> = Contract::get()
        .operations()
        .filter(|(_, _, operation)| !secured(operation))
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    let unlisted: Vec<_> = open.iter().filter(|name| !PUBLIC.contains(&name.as_str())).collect();
    assert!(unlisted.is_empty(), "operations open to everybody that are not listed: {unlisted:?}");
    let gone: Vec<_> = PUBLIC.iter().filter(|name| !open.iter().any(|found| found == *name)).collect();
    assert!(gone.is_empty(), "listed as open, but not so or not there: {gone:?}");
}

/// A path with every parameter filled by an id that nobody has.
fn filled(template: &str, operation: &Value) -> String {
    let mut path = template.to_owned();
    for parameter in operation["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path") {
        let name = parameter["name"].as_str().unwrap();
        let pattern = parameter["schema"]["pattern"].as_str().or_else(|| referred(parameter)).unwrap_or_default();
        let value = match pattern.strip_prefix('^').and_then(|p| p.get(..3)) {
            Some(prefix) => format!("{prefix}_{}", "0".repeat(26)),
            None => "nothing".to_owned(),
        };
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    path
}

fn referred(parameter: &Value) -> Option<&'static str> {
    let pointer = parameter["schema"]["$ref"].as_str()?.strip_prefix('#')?;
    Contract::get().document().pointer(pointer)?["pattern"].as_str()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_secured_operation_refuses_visitors_and_made_up_tokens() {
    let app = TestApp::start().await;
    let mut asked = 0;
    for (method, template, operation) in Contract::get().operations().filter(|(_, _, operation)| secured(operation)) {
        let path = filled(template, operation);
        let method: reqwest::Method = method.to_uppercase().parse().unwrap();
        for client in [app.visitor().clone(), app.visitor().with_token("eyJhbGciOiJub25lIn0.e30.")] {
            let answer = client.request(method.clone(), &path).unchecked().send().await;
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text());
        }
        asked += 1;
    }
    assert!(asked > 30, "{asked} operations");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_nobody_has_are_not_found() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    for (method, template, operation) in
        Contract::get().operations().filter(|(_, path, _)| path.contains('{') && path.starts_with("/v1"))
    {
        if method != "get" && method != "delete" || !secured(operation) {
            continue;
        }
        let path = filled(template, operation);
        let method: reqwest::Method = method.to_uppercase().parse().unwrap();
        let answer = firm.owner.request(method.clone(), &path).unchecked().send().await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text());
    }
}
