//! The protocol of tus 1.0.0, by the letter.

use super::{firm_with_docs, hash, quota};
use reqwest::Method;
use serde_json::json;
pub use tests::tus_metadata as metadata;
use tests::{Answer, Firm, Request, TestApp};

/// A request with the protocol's header.
pub fn request(firm: &Firm, method: Method, path: &str) -> Request {
    firm.owner.request(method, path).header("tus-resumable", "1.0.0")
}

pub fn create(firm: &Firm, name: &str, length: usize) -> Request {
    request(firm, Method::POST, "/v1/tus")
        .header("upload-length", &length.to_string())
        .header("upload-metadata", &metadata("docs", name))
}

/// The address of a new upload.
pub async fn begun(firm: &Firm, name: &str, length: usize) -> String {
    let answer = create(firm, name, length).send().await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.header("location").to_owned()
}

pub fn piece(firm: &Firm, path: &str, offset: usize, bytes: impl Into<reqwest::Body>) -> Request {
    request(firm, Method::PATCH, path)
        .header("upload-offset", &offset.to_string())
        .header("content-type", "application/offset+octet-stream")
        .bytes(bytes)
}

pub async fn look(firm: &Firm, path: &str) -> Answer {
    request(firm, Method::HEAD, path).send().await
}

pub async fn offset(firm: &Firm, path: &str) -> usize {
    look(firm, path).await.header("upload-offset").parse().unwrap()
}

/// What is stored at a path of `docs`.
pub async fn read(firm: &Firm, name: &str) -> Answer {
    firm.owner.get(format!("/v1/buckets/docs/files/{name}")).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_pieces_and_each_answer_tells_how_far_it_is() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let created = create(&firm, "发票.pdf", 10).send().await;
    assert_eq!((created.status, created.header("tus-resumable")), (201, "1.0.0"));
    assert_eq!(created.header("upload-expires"), "Tue, 03 Nov 2026 02:00:00 GMT");
    let path = created.header("location").to_owned();
    let seen = look(&firm, &path).await;
    let told = (seen.status, seen.header("upload-offset"), seen.header("upload-length"), seen.header("cache-control"));
    assert_eq!(told, (200, "0", "10", "no-store"));
    assert_eq!(seen.header("upload-metadata"), metadata("docs", "发票.pdf"));
    assert_eq!(quota(&firm).await, (0, 10));
    let first = piece(&firm, &path, 0, "01234").send().await;
    assert_eq!((first.status, first.header("upload-offset")), (204, "5"));
    assert!(!first.header("upload-expires").is_empty());
    for wrong in [0, 4, 6, 10] {
        let refused = piece(&firm, &path, wrong, "x").send().await;
        assert_eq!(refused.problem(409, "upload_offset_conflict")["offset"], 5);
        assert_eq!(refused.header("tus-resumable"), "1.0.0");
    }
    read(&firm, "%E5%8F%91%E7%A5%A8.pdf").await.problem(404, "not_found");
    let last = piece(&firm, &path, 5, "56789").send().await;
    assert_eq!((last.status, last.header("upload-offset")), (204, "10"));
    let file = firm.owner.get(last.header("content-location")).ok().await;
    assert_eq!((&file["path"], &file["sha256"]), (&json!("发票.pdf"), &json!(hash(b"0123456789"))));
    let seen = look(&firm, &path).await;
    assert_eq!(
        (seen.header("upload-offset"), seen.header("content-location")),
        ("10", last.header("content-location"))
    );
    assert_eq!(piece(&firm, &path, 10, "").send().await.status, 204, "nothing more, which is true");
    assert_eq!(read(&firm, "%E5%8F%91%E7%A5%A8.pdf").await.text(), "0123456789");
    assert_eq!(quota(&firm).await, (10, 0));
    app.run_jobs().await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state NOT IN ('live', 'gone')"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_is_told_what_is_spoken() {
    let app = TestApp::start().await;
    let options = app.visitor().request(Method::OPTIONS, "/v1/tus").unchecked().send().await;
    assert_eq!((options.status, options.header("tus-version")), (204, "1.0.0"));
    let extensions = "creation,creation-defer-length,creation-with-upload,expiration,checksum,termination";
    assert_eq!(options.header("tus-extension"), extensions);
    assert_eq!(
        (options.header("tus-checksum-algorithm"), options.header("tus-max-size")),
        ("sha1,sha256", "5368709120")
    );
    let firm = firm_with_docs(&app).await;
    let path = begun(&firm, "a", 3).await;
    for version in ["0.2.2", "1.0.1", ""] {
        for request in [create(&firm, "b", 1), piece(&firm, &path, 0, "x"), request(&firm, Method::DELETE, &path)] {
            let refused = request.header("tus-resumable", version).send().await;
            refused.problem(412, "tus_version_not_supported");
            assert_eq!(refused.header("tus-version"), "1.0.0");
        }
    }
    assert_eq!(offset(&firm, &path).await, 0);
    let typed = piece(&firm, &path, 0, "x").header("content-type", "application/octet-stream");
    typed.send().await.problem(415, "upload_piece_type");
    for wrong in ["", "-1", "one"] {
        piece(&firm, &path, 0, "x").header("upload-offset", wrong).send().await.problem(400, "tus_header_invalid");
    }
    let lengths = [
        ("upload-length", "-1"),
        ("upload-length", "x"),
        ("upload-defer-length", "1"),
        ("upload-metadata", "bucket !"),
    ];
    for (name, value) in lengths {
        create(&firm, "b", 1).header(name, value).send().await.problem(400, "tus_header_invalid");
    }
    let bare = request(&firm, Method::POST, "/v1/tus").header("upload-metadata", &metadata("docs", "a"));
    bare.send().await.problem(400, "tus_header_invalid");
    create(&firm, "../a", 1).send().await.problem(422, "validation_failed");
    create(&firm, "a", 1).header("upload-metadata", &metadata("none", "a")).send().await.problem(404, "not_found");
    app.run_jobs().await;
}

/// A32: the header means something at the addresses of uploads, and nowhere else.
#[tokio::test(flavor = "multi_thread")]
async fn a_method_can_be_overridden_where_tus_says_so() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let (path, other) = (begun(&firm, "a", 3).await, begun(&firm, "b", 3).await);
    let post = |path: &str, method: &str| {
        request(&firm, Method::POST, path).header("x-http-method-override", method).unchecked()
    };
    let patched = post(&path, "PATCH").header("upload-offset", "0");
    let patched = patched.header("content-type", "application/offset+octet-stream").bytes("abc").send().await;
    assert_eq!((patched.status, patched.header("upload-offset")), (204, "3"));
    assert_eq!(post(&other, "DELETE").send().await.status, 204);
    assert_eq!(look(&firm, &other).await.status, 410);
    assert_eq!(post(&path, "PUT").send().await.status, 405);
    let file = "/v1/buckets/docs/files/a";
    assert_eq!(post(file, "DELETE").send().await.status, 405);
    assert_eq!(firm.owner.get(file).header("x-http-method-override", "DELETE").send().await.text(), "abc");
    app.run_jobs().await;
}
