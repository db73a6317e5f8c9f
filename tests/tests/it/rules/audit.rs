//! Every write that succeeds is in an audit log. The harness looks after each test of the suite; here as much is written as the
//! document alone allows, so that a new operation is tried without anybody thinking of it.

use super::{
    crawl::{Known, crawl},
    requests::{Operation, nobodys},
};
use reqwest::Method;
use std::collections::{BTreeMap, BTreeSet};
use tests::{TestApp, unaudited};

fn writes() -> impl Iterator<Item = Operation> {
    Operation::all().filter(|operation| !matches!(operation.method(), Method::GET | Method::HEAD))
}

#[test]
fn what_leaves_no_row_is_a_write_that_exists_and_has_a_reason() {
    let documented: BTreeSet<_> = writes().map(|operation| operation.id()).collect();
    for (operation, reason) in unaudited() {
        assert!(documented.contains(operation.as_str()), "{operation} in unaudited.toml writes nothing");
        assert!(reason.split_whitespace().count() > 5, "{operation}: `{reason}` is no reason");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_that_succeeds_leaves_a_row_with_its_request() {
    let app = TestApp::start().await;
    let (seller, _) = crate::trade::a_completed_sale(&app).await;
    let administrator = app.administrator().await;
    let mut known = Known::default();
    crawl(&seller.owner, &mut known).await;
    let own = |kind: &str| known.of(kind).last().cloned().unwrap_or_else(|| nobodys(kind));
    let mut succeeded = BTreeMap::new();
    // What ends the session of the one who asks comes last.
    let (last, first): (Vec<_>, Vec<_>) = writes().partition(|operation| operation.id().contains("log_out"));
    for operation in first.iter().chain(&last).filter(|operation| !operation.template.contains("close")) {
        let client = if operation.template.starts_with("/admin/") { &administrator } else { &seller.owner };
        let answer = operation.send(client, &operation.path(&own), operation.body("", &own)).await;
        assert!(answer.status < 500, "{}: {}", operation.id(), answer.text());
        if answer.status < 300 {
            *succeeded.entry(operation.id()).or_insert(0) += 1;
        }
    }
    assert!(succeeded.len() > 5, "only {succeeded:?} succeeded");
    app.run_jobs_that_may_fail().await;
    // The harness compares requests with rows when `app` is dropped.
}
