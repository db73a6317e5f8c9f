use object_store::{ObjectStore, StartError};

use crate::raw::Raw;
use crate::server::{Server, client, code, config, create_bucket, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_lives_from_creation_to_deletion() {
    let server = Server::start().await;
    let endpoint = server.store.endpoint();
    let second = create_bucket(&endpoint, "second").await;
    create_bucket(&endpoint, "second").await;
    let (status, _, body) = Raw { method: "GET", path: "/", ..Raw::default() }.send(&server.store);
    let body = String::from_utf8(body).unwrap();
    assert_eq!(status, 200);
    assert!(body.contains("<Name>files</Name>") && body.contains("<Name>second</Name>"), "{body}");

    second.put_object("x", b"1").await.unwrap();
    assert_eq!(refusal(second.delete().await), (409, "BucketNotEmpty".to_owned()));
    second.delete_object("x").await.unwrap();
    assert_eq!(second.delete().await.unwrap(), 204);
    assert_eq!(refusal(second.put_object("x", b"1").await), (404, "NoSuchBucket".to_owned()));
    assert_eq!(refusal(second.get_object("x").await), (404, "NoSuchBucket".to_owned()));

    let server = server.restart(|_| {}).await;
    assert_eq!(refusal(client(&server.store.endpoint(), "second").delete().await).0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_and_location_tell_the_region() {
    let server = Server::start().await;
    let (status, head, _) = Raw { method: "HEAD", path: "/files", ..Raw::default() }.send(&server.store);
    assert_eq!(status, 200);
    assert!(head.contains("x-amz-bucket-region: cn-guangdong-1"), "{head}");
    assert_eq!(Raw { method: "HEAD", path: "/absent", ..Raw::default() }.send(&server.store).0, 404);
    let (status, _, body) =
        Raw { method: "GET", path: "/files", query: "location=", ..Raw::default() }.send(&server.store);
    assert_eq!(status, 200);
    assert!(String::from_utf8(body).unwrap().contains("cn-guangdong-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_name_is_no_path() {
    let server = Server::start().await;
    for path in ["/..", "/%2e%2e", "/A", "/a_b", "/..%2f..%2fetc", "/a%00b"] {
        let (status, _, body) = Raw { method: "PUT", path, ..Raw::default() }.send(&server.store);
        assert!((400..500).contains(&status), "{path}: {status} {}", code(&String::from_utf8_lossy(&body)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_at_a_time_uses_a_directory() {
    let server = Server::start().await;
    let second = ObjectStore::start(config(server.root.path())).await;
    assert!(matches!(second, Err(StartError::Locked(_))));
    let mut config = config(server.root.path());
    config.secret_key.clear();
    assert!(matches!(ObjectStore::start(config).await, Err(StartError::EmptyCredentials)));
}
