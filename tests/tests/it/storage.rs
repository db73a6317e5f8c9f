//! Files over HTTP: what a browser or program sends and gets.

use serde_json::json;
use tests::TestApp;

const FILE: &str = "/v1/buckets/docs/files/%E5%90%88%E5%90%8C/%E4%B8%80.txt";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_in_and_comes_out_whole_in_part_or_not_at_all() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    let put = |body: &'static str| firm.owner.request(reqwest::Method::PUT, FILE).bytes(body);
    let stored = put("0123456789").send().await;
    assert_eq!((stored.status, put("0123456789").send().await.status), (201, 200));
    let file = stored.value();
    assert_eq!((&file["path"], &file["size_bytes"]), (&json!("合同/一.txt"), &json!(10)));
    assert_eq!(stored.header("etag"), file["etag"]);
    let whole = firm.owner.get(FILE).send().await;
    assert_eq!((whole.status, whole.text().as_str()), (200, "0123456789"));
    assert!(whole.header("content-disposition").ends_with("filename*=UTF-8''%E4%B8%80.txt"));
    assert!(whole.header("content-security-policy").contains("sandbox"));
    let part = firm.owner.get(FILE).header("range", "bytes=2-4").send().await;
    assert_eq!((part.status, part.text().as_str(), part.header("content-range")), (206, "234", "bytes 2-4/10"));
    let known = firm.owner.get(FILE).header("if-none-match", stored.header("etag")).send().await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    firm.owner.get(FILE).header("range", "bytes=10-").send().await.problem(416, "range_not_satisfiable");
    other.owner.get(FILE).send().await.problem(404, "not_found");
    let usage = firm.owner.get("/v1/storage/usage").ok().await;
    assert_eq!(
        (&usage["egress_bytes"], &usage["quota"]["used"]),
        (&json!(13), &json!(10)),
        "the same bytes are no new version"
    );
    let list = firm.owner.get("/v1/buckets/docs/files?delimiter=/").ok().await;
    assert_eq!(list["data"], json!([{ "kind": "folder", "path": "合同/" }]));
    assert_eq!(firm.owner.delete(FILE).send().await.status, 204);
    firm.owner.get(FILE).send().await.problem(404, "not_found");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_gets_its_answer_although_the_body_is_not_read() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    firm.owner.post("/v1/buckets", json!({ "name": "small", "max_object_bytes": 10 })).ok().await;
    let put = |path: &str| {
        let path = format!("/v1/buckets/{path}");
        firm.owner.request(reqwest::Method::PUT, path).bytes(vec![0; 4 << 20]).unchecked()
    };
    let refused = put("small/files/a").send().await.problem(413, "file_too_large");
    assert_eq!(refused["limit_bytes"], 10);
    let named = ["limit", "value", "where_to_change"].map(|member| &refused[member]);
    assert_eq!(json!(named), json!(["bucket.max_object_bytes", 10, "PATCH /v1/buckets/{name}"]));
    put("none/files/a").send().await.problem(404, "not_found");
    // `%2e%2e` itself is taken away by the client already.
    for path in ["a%00b", "%ff", "%252e%252e", ""] {
        put(&format!("small/files/{path}")).send().await.problem(422, "validation_failed");
    }
    assert_eq!(firm.owner.get("/v1/storage/usage").ok().await["quota"]["reserved"], 0);
    app.run_jobs().await;
}
