use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3::serde_types::ObjectIdentifier;
use sha2::{Digest as _, Sha256};

use crate::raw::Raw;
use crate::server::{Server, bytes, code, files, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn put_get_head_with_any_key() {
    let server = Server::start().await;
    let keys = [
        "t1/产品 图+1.txt",
        "a",
        "a/b",
        "a/b/c",
        "t1/é=&?#%.txt",
        "t1//double",
        "t1/ trailing ",
        "\u{e9}",
        "e\u{301}",
        "K",
        "k",
    ];
    for key in keys {
        let put = server.bucket.put_object_with_content_type(key, key.as_bytes(), "text/plain; charset=utf-8").await;
        assert_eq!(put.unwrap().status_code(), 200, "{key}");
    }
    let server = server.restart(|_| {}).await;
    for key in keys {
        assert_eq!(server.get(key).await, key.as_bytes());
        let (head, status) = server.bucket.head_object(key).await.unwrap();
        assert_eq!(status, 200);
        assert_eq!(head.content_length, Some(i64::try_from(key.len()).unwrap()));
        assert_eq!(head.content_type.as_deref(), Some("text/plain; charset=utf-8"));
    }
    assert_eq!(server.store.object_count("files"), keys.len());
    assert_eq!(refusal(server.bucket.get_object("absent").await), (404, "NoSuchKey".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_taken_literally_or_refused() {
    let server = Server::start().await;
    let long = format!("/files/{}", "k".repeat(1024));
    let paths =
        ["/files/../x", "/files/%2e%2e/x", "/files/..", "/files/.", "/files//etc/passwd", "/files/a%5Cb", &long];
    for (n, path) in paths.iter().enumerate() {
        let body = n.to_string();
        let put = Raw { method: "PUT", path, body: body.as_bytes(), ..Raw::default() }.send(&server.store);
        assert_eq!(put.0, 200, "{path} {}", String::from_utf8_lossy(&put.2));
    }
    // `%2e%2e/x` is the same key as `../x`.
    let (_, _, body) = Raw { method: "GET", path: "/files/../x", ..Raw::default() }.send(&server.store);
    assert_eq!(body, b"1");
    assert_eq!(server.store.object_count("files"), paths.len() - 1);
    let outside: Vec<_> =
        files(server.root.path()).into_iter().filter(|file| !file.starts_with(server.dir())).collect();
    assert_eq!(outside, [server.root.path().join("lock")]);
    assert_eq!(server.keys().await.len(), paths.len() - 1);

    let longer = format!("/files/{}", "k".repeat(1025));
    for (path, expected) in
        [(&*longer, "KeyTooLongError"), ("/files/a%00b", "InvalidArgument"), ("/files/%0A", "InvalidArgument")]
    {
        let (status, _, body) = Raw { method: "PUT", path, body: b"x", ..Raw::default() }.send(&server.store);
        assert_eq!((status, code(&String::from_utf8(body).unwrap()).as_str()), (400, expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attributes_come_back() {
    let server = Server::start().await;
    let headers = vec![
        ("cache-control", "max-age=60".to_owned()),
        ("content-disposition", "attachment; filename=\"a.txt\"".to_owned()),
        ("content-encoding", "gzip".to_owned()),
        ("x-amz-meta-colour", "red".to_owned()),
    ];
    let put = Raw { method: "PUT", path: "/files/x", headers: headers.clone(), body: b"1", ..Raw::default() };
    assert_eq!(put.send(&server.store).0, 200);
    server.bucket.copy_object_internal("x", "copy").await.unwrap();
    for path in ["/files/x", "/files/copy"] {
        for method in ["GET", "HEAD"] {
            let (_, head, _) = Raw { method, path, ..Raw::default() }.send(&server.store);
            for (name, value) in &headers {
                assert!(head.contains(&format!("{name}: {value}")), "{method} {path}: {head}");
            }
            assert!(head.contains("content-type: application/octet-stream"), "{head}");
            assert!(head.contains("etag: \"c4ca4238a0b923820dcc509a6f75849b\""), "{head}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_exact() {
    let server = Server::start().await;
    let body = bytes(1_000_000);
    server.bucket.put_object("big", &body).await.unwrap();
    let range = server.bucket.get_object_range("big", 300_000, Some(599_999)).await.unwrap();
    assert_eq!(range.status_code(), 206);
    assert!(range.as_slice() == &body[300_000..600_000]);
    let get = |range: &str| {
        let headers = vec![("range", range.to_owned())];
        Raw { method: "GET", path: "/files/big", headers, ..Raw::default() }.send(&server.store)
    };
    let (status, head, tail) = get("bytes=-10");
    assert_eq!((status, tail.as_slice()), (206, &body[999_990..]));
    assert!(head.contains("content-range: bytes 999990-999999/1000000"), "{head}");
    assert_eq!(get("bytes=999999-2000000").2, &body[999_999..]);
    assert_eq!(get("bytes=1000000-").0, 416);
}

#[tokio::test(flavor = "multi_thread")]
async fn copy_and_delete() {
    let server = Server::start().await;
    server.bucket.put_object("源", b"content").await.unwrap();
    // rust-s3 sends the source as it is given; S3 wants it percent-encoded.
    server.bucket.copy_object_internal("%E6%BA%90", "目标/1").await.unwrap();
    assert_eq!(server.get("目标/1").await, b"content");
    for _ in 0..2 {
        assert_eq!(server.bucket.delete_object("源").await.unwrap().status_code(), 204);
    }
    assert_eq!(refusal(server.bucket.get_object("源").await).0, 404);
    for key in ["k1", "k2", "k3"] {
        server.bucket.put_object(key, b"x").await.unwrap();
    }
    let keys = ["k1", "k2", "absent"].map(|key| ObjectIdentifier::new(key.to_owned()));
    assert_eq!(server.bucket.delete_objects(keys.to_vec()).await.unwrap().deleted.len(), 3);
    assert_eq!(server.keys().await, ["k3", "目标/1"]);
    assert_eq!(files(&server.dir().join("objects")).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_hold() {
    let server = Server::start().await;
    server.bucket.put_object("x", b"1").await.unwrap();
    let etag = "\"c4ca4238a0b923820dcc509a6f75849b\"";
    let ask = |method, name, value: &str| {
        let headers = vec![(name, value.to_owned())];
        Raw { method, path: "/files/x", headers, body: if method == "PUT" { b"1" } else { b"" }, ..Raw::default() }
            .send(&server.store)
            .0
    };
    assert_eq!(ask("GET", "if-none-match", etag), 304);
    assert_eq!(ask("GET", "if-none-match", "\"other\""), 200);
    assert_eq!(ask("GET", "if-match", etag), 200);
    assert_eq!(ask("GET", "if-match", "\"other\""), 412);
    assert_eq!(ask("GET", "if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT"), 304);
    assert_eq!(ask("GET", "if-modified-since", "Thu, 01 Jan 2015 00:00:00 GMT"), 200);
    assert_eq!(ask("HEAD", "if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT"), 412);
    assert_eq!(ask("PUT", "if-none-match", "*"), 412);
    assert_eq!(ask("PUT", "if-match", "\"other\""), 412);
    assert_eq!(ask("PUT", "if-match", etag), 200);
    assert_eq!(files(&server.dir().join("objects")).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn of_many_creators_one_wins() {
    let server = Server::start().await;
    let store = &server.store;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let put = |n: usize| {
            let headers = vec![("if-none-match", "*".to_owned())];
            Raw { method: "PUT", path: "/files/x", headers, body: n.to_string().as_bytes(), ..Raw::default() }
                .send(store)
                .0
        };
        let threads: Vec<_> = (0..16).map(|n| scope.spawn(move || put(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 15, "{statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_digests_store_nothing() {
    let server = Server::start().await;
    let put = |name, value: String| {
        let headers = vec![(name, value)];
        let (status, _, body) =
            Raw { method: "PUT", path: "/files/x", headers, body: b"hello", ..Raw::default() }.send(&server.store);
        (status, code(&String::from_utf8(body).unwrap()))
    };
    let wrong = (400, "BadDigest".to_owned());
    assert_eq!(put("content-md5", BASE64.encode([0; 16])), wrong);
    assert_eq!(put("x-amz-checksum-sha256", BASE64.encode([0; 32])), wrong);
    assert_eq!(put("x-amz-checksum-crc32", BASE64.encode([0; 4])), wrong);
    assert_eq!(put("x-amz-content-sha256", hex::encode([0; 32])), wrong);
    assert_eq!(put("content-md5", "not base64".to_owned()), (400, "InvalidDigest".to_owned()));
    assert_eq!(server.store.object_count("files"), 0);
    assert!(files(&server.dir().join("objects")).is_empty());
    assert!(files(&server.dir().join("tmp")).is_empty());

    assert_eq!(put("content-md5", "XUFAKrxLKna5cZ2REBfFkg==".to_owned()).0, 200);
    assert_eq!(put("x-amz-checksum-sha256", BASE64.encode(Sha256::digest("hello"))).0, 200);
    assert_eq!(put("x-amz-checksum-crc32", "NhCmhg==".to_owned()).0, 200);
    assert_eq!(put("x-amz-content-sha256", hex::encode(Sha256::digest("hello"))).0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checksum_behind_the_body_counts() {
    let server = Server::start().await;
    let put = |crc: &str| {
        let body = format!("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:{crc}\r\n\r\n");
        let headers = vec![
            ("content-encoding", "aws-chunked".to_owned()),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned()),
            ("x-amz-decoded-content-length", "5".to_owned()),
            ("x-amz-trailer", "x-amz-checksum-crc32".to_owned()),
        ];
        Raw { method: "PUT", path: "/files/x", headers, body: body.as_bytes(), ..Raw::default() }.send(&server.store)
    };
    assert_eq!(put("AAAAAA==").0, 400);
    assert_eq!(server.store.object_count("files"), 0);
    let (status, _, body) = put("NhCmhg==");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    assert_eq!(server.get("x").await, b"hello");
    let (_, head, _) = Raw { method: "GET", path: "/files/x", ..Raw::default() }.send(&server.store);
    assert!(!head.contains("content-encoding"), "{head}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_body_is_never_seen() {
    let server = Server::start().await;
    let body = bytes(600_000);
    let put = Raw { method: "PUT", path: "/files/x", body: &body, content_length: Some(1_000_000), ..Raw::default() };
    assert_ne!(put.send(&server.store).0, 200);
    assert_eq!(server.store.object_count("files"), 0);
    let dir = server.dir();
    server.store.stop().await;
    assert!(files(&dir.join("objects")).is_empty());
    assert!(files(&dir.join("tmp")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_keeps_what_is_overwritten() {
    let server = Server::start().await;
    let old = bytes(8_000_000);
    server.bucket.put_object("x", &old).await.unwrap();
    let url = server.bucket.presign_get("x", 60, None).await.unwrap();
    let mut answer = reqwest::get(url).await.unwrap();
    let mut read = answer.chunk().await.unwrap().unwrap().to_vec();
    server.bucket.put_object("x", b"new").await.unwrap();
    server.bucket.delete_object("x").await.unwrap();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        read.extend_from_slice(&chunk);
    }
    assert!(read == old);
    assert_eq!(refusal(server.bucket.get_object("x").await).0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn xml_tricks_are_refused() {
    let server = Server::start().await;
    server.bucket.put_object("k1", b"x").await.unwrap();
    let nested = "<a>".repeat(100_000);
    let bodies = [
        "<!DOCTYPE d [<!ENTITY e \"k1\">]><Delete><Object><Key>&e;</Key></Object></Delete>",
        "<!DOCTYPE d [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><Delete><Object><Key>&e;</Key></Object></Delete>",
        "<Delete><Object></Object></Delete>",
        "not xml",
        &nested,
    ];
    for body in bodies {
        let delete = Raw { method: "POST", path: "/files", query: "delete=", body: body.as_bytes(), ..Raw::default() };
        assert_eq!(delete.send(&server.store).0, 400, "{}", &body[..body.len().min(80)]);
    }
    assert_eq!(server.keys().await, ["k1"]);
}
