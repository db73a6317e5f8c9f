//! A39, A24: a file's type is what its bytes show, and nothing that could run is ever shown in place.

use super::{bucket, put};
use serde_json::json;
use tests::TestApp;

const PAGE: &str = "<!doctype html><script>alert(1)</script>";
const DRAWING: &str = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
const PROGRAM: &[u8] = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

#[tokio::test(flavor = "multi_thread")]
async fn a39_content_of_another_type_than_named_is_refused_and_both_are_told() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    for (named, body, found) in [
        ("image/png", PAGE.as_bytes(), "text/html"),
        ("image/png", DRAWING.as_bytes(), "image/svg+xml"),
        ("image/jpeg", PROGRAM, "application/vnd.microsoft.portable-executable"),
        ("image/gif", b"GIF89a=1;alert(1)//".as_slice(), "text/plain; charset=utf-8"),
        ("application/pdf", b"PK\x03\x04\x14\0\0\0\x08\0", "application/zip"),
        ("text/plain", PROGRAM, "application/vnd.microsoft.portable-executable"),
    ] {
        let refused = put(&firm.owner, "docs/a", Some(named), body).send().await;
        let problem = refused.problem(422, "content_type_mismatch");
        assert_eq!((&problem["declared_type"], &problem["found_type"]), (&json!(named), &json!(found)));
    }
    let usage = firm.owner.get("/v1/storage/usage").ok().await;
    assert_eq!((&usage["quota"]["used"], &usage["quota"]["reserved"]), (&json!(0), &json!(0)));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn allowed_types_hold_for_what_is_found() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "pictures", &["image/*"]).await;
    bucket(&firm.owner, "notes", &["text/plain"]).await;
    for (place, named) in [
        ("pictures/a", None),
        ("pictures/a", Some("application/octet-stream")),
        ("notes/a", Some("text/plain")),
        ("notes/a", None),
    ] {
        let refused = put(&firm.owner, place, named, PAGE).send().await.problem(415, "type_not_allowed");
        assert_eq!(refused["content_type"], "text/html", "{place} {named:?}");
    }
    for named in [None, Some("application/octet-stream"), Some("image/png"), Some("image/x-png")] {
        let stored = put(&firm.owner, "pictures/a", named, PNG).ok().await;
        assert_eq!(stored["content_type"], "image/png", "{named:?}");
    }
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a24_what_a_browser_could_run_is_never_shown_in_place() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    for (path, named, body, kind) in [
        ("a.html", Some("text/html"), PAGE.as_bytes(), "attachment"),
        ("b.html", None, PAGE.as_bytes(), "attachment"),
        ("c.png", None, PAGE.as_bytes(), "attachment"),
        ("d.svg", Some("image/svg+xml"), DRAWING.as_bytes(), "attachment"),
        ("e.txt", Some("text/plain"), PAGE.as_bytes(), "attachment"),
        ("f.pdf", Some("application/pdf"), b"%PDF-1.7".as_slice(), "attachment"),
        ("g.png", Some("image/png"), PNG, "inline"),
    ] {
        put(&firm.owner, &format!("docs/{path}"), named, body).ok().await;
        let read = firm.owner.get(format!("/v1/buckets/docs/files/{path}")).send().await;
        assert!(read.header("content-disposition").starts_with(kind), "{path}");
        assert_eq!(read.header("x-content-type-options"), "nosniff", "{path}");
        assert!(read.header("content-security-policy").contains("sandbox"), "{path}");
    }
    app.run_jobs().await;
}
