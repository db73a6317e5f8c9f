//! What holds for every operation of the API.

use super::requests::{Operation, nobodys};
use tests::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn every_secured_operation_refuses_visitors_and_made_up_tokens() {
    let app = TestApp::start().await;
    let mut asked = 0;
    for operation in Operation::all().filter(Operation::secured) {
        for client in [app.visitor().clone(), app.visitor().with_token("eyJhbGciOiJub25lIn0.e30.")] {
            // The body is wrong too: who asks comes before what is asked.
            let answer = client.request(operation.method(), operation.path(&nobodys)).unchecked().send().await;
            assert_eq!(answer.status, 401, "{}: {}", operation.id(), answer.text());
        }
        asked += 1;
    }
    assert!(asked > 30, "{asked} operations");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_nobody_has_are_not_found() {
    let app = TestApp::start().await;
    let firm = app.firm("tea-chaozhou").await;
    for operation in Operation::all().filter(Operation::secured) {
        let in_path = operation.template.starts_with("/v1") && operation.template.contains('{');
        if in_path && matches!(operation.method().as_str(), "GET" | "DELETE") {
            let answer = operation.try_it(&firm.owner).await;
            assert_eq!(answer.status, 404, "{}: {}", operation.id(), answer.text());
        }
    }
}
