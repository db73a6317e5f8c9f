//! F20: the store, or something before it, sends less than it said, or other bytes.

use super::{get, put, settles, stage};
use crate::uploads::{begin, complete, hash, noise, put as put_directly};
use serde_json::json;
use tests::Firm;

/// Whether a reader gets these bytes, or sees that some are missing.
async fn reads_nothing_else(firm: &Firm, name: &str, bytes: &[u8]) -> bool {
    let url = format!("{}/v1/buckets/docs/files/{name}", firm.owner.base());
    let answer = reqwest::Client::new().get(url).bearer_auth(firm.owner.token().unwrap()).send().await.unwrap();
    if answer.status() == 503 {
        return false;
    }
    assert_eq!(answer.status(), 200);
    match answer.bytes().await {
        Ok(read) => {
            assert_eq!(hash(&read), hash(bytes), "other bytes were served as the file");
            true
        }
        Err(_) => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_the_store_that_are_cut_or_changed_are_served_to_nobody() {
    let (app, firm, line) = stage().await;
    let (small, large) = (noise(2_000), noise(3 << 20));
    put(&firm, "small.bin", &small).await;
    put(&firm, "large.bin", &large).await;
    // Behind the head of the answer, in the middle, at the end.
    for (name, bytes) in [("small.bin", &small), ("large.bin", &large)] {
        for at in [bytes.len() / 2, bytes.len() - 1] {
            line.shorten(at);
            assert!(!reads_nothing_else(&firm, name, bytes).await, "{name} cut at {at}");
            line.change(at);
            assert!(!reads_nothing_else(&firm, name, bytes).await, "{name} changed at {at}");
        }
        line.mend();
        assert!(reads_nothing_else(&firm, name, bytes).await, "{name}");
    }
    settles(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_compared_through_a_line_that_changes_it_is_not_shown() {
    let (app, firm, line) = stage().await;
    let bytes = noise(1 << 20);
    let declared = json!({ "path": "direct.bin", "size_bytes": bytes.len(), "sha256": hash(&bytes),
        "content_type": "application/octet-stream" });
    let upload = begin(&firm, declared).await.value();
    assert_eq!(put_directly(&upload, bytes.clone()).await, 200);
    line.change(500_000);
    complete(&firm, &upload).await.problem(422, "checksum_mismatch");
    get(&firm, "direct.bin").await.problem(404, "not_found");
    line.shorten(500_000);
    let cut = complete(&firm, &upload).await;
    assert!(cut.status == 503, "{} {}", cut.status, cut.text());
    line.mend();
    assert_eq!(complete(&firm, &upload).await.status, 201, "the bytes themselves were right");
    assert_eq!(hash(&get(&firm, "direct.bin").await.body), hash(&bytes));
    settles(&app).await;
}
