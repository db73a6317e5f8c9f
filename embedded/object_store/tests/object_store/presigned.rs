use std::collections::HashMap;

use reqwest::{Client, StatusCode};

use crate::raw::presign;
use crate::server::{Server, create_bucket};

#[tokio::test(flavor = "multi_thread")]
async fn presigned_urls_serve_their_purpose_only() {
    let server = Server::start().await;
    let other = create_bucket(&server.store.endpoint(), "other").await;
    other.put_object("t1/图 1.txt", b"other").await.unwrap();
    server.bucket.put_object("t1/图 2.txt", b"second").await.unwrap();
    let http = Client::new();
    let put = server.bucket.presign_put("t1/图 1.txt", 60, None, None).await.unwrap();
    assert_eq!(http.put(&put).body("content").send().await.unwrap().status(), 200);
    let get = server.bucket.presign_get("t1/图 1.txt", 60, None).await.unwrap();
    assert_eq!(http.get(&get).send().await.unwrap().text().await.unwrap(), "content");

    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
    let tampered = [
        get.replace("Expires=60", "Expires=600"),
        get.replace("%201.txt", "%202.txt"),
        get.replace("/files/", "/other/"),
        format!("{get}&response-content-type=text%2Fhtml"),
        get.replace("/files/t1/", "/files/t1//"),
        get.split('?').next().unwrap().to_owned(),
        format!("{}/files/t1/x", server.store.endpoint()),
    ];
    for url in &tampered {
        assert_eq!(status(http.get(url)).await, StatusCode::FORBIDDEN, "{url}");
    }
    assert_eq!(status(http.put(&get).body("x")).await, StatusCode::FORBIDDEN);
    assert_eq!(status(http.delete(&get)).await, StatusCode::FORBIDDEN);
    assert_eq!(status(http.get(&put)).await, StatusCode::FORBIDDEN);
    assert_eq!(server.get("t1/图 1.txt").await, b"content");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_put_is_no_copy() {
    let server = Server::start().await;
    server.bucket.put_object("secret", b"secret").await.unwrap();
    let url = server.bucket.presign_put("mine", 60, None, None).await.unwrap();
    let copy = Client::new().put(&url).header("x-amz-copy-source", "/files/secret").send().await.unwrap();
    assert_eq!(copy.status(), StatusCode::FORBIDDEN);
    assert_eq!(server.keys().await, ["secret"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_presigned_put_binds_the_signed_length_and_type() {
    let server = Server::start().await;
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("content-length", "3".parse().unwrap());
    headers.insert("content-type", "image/png".parse().unwrap());
    let url = server.bucket.presign_put("x", 60, Some(headers), None).await.unwrap();
    let put = async |content_type, body| {
        let request = Client::new().put(&url).header("content-type", content_type).body(body);
        request.send().await.unwrap().status()
    };
    assert_eq!(put("text/html", "abc").await, StatusCode::FORBIDDEN);
    assert_eq!(put("image/png", "abcd").await, StatusCode::FORBIDDEN);
    assert_eq!(put("image/png", "abc").await, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_url_is_refused() {
    let server = Server::start().await;
    server.bucket.put_object("x", b"x").await.unwrap();
    let now = chrono::Utc::now();
    let signed = presign(&server.store, "/files/x", now - chrono::Duration::seconds(60), 600);
    assert_eq!(Client::new().get(&signed).send().await.unwrap().status(), StatusCode::OK);
    let expired = presign(&server.store, "/files/x", now - chrono::Duration::seconds(60), 50);
    assert_eq!(Client::new().get(&expired).send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let too_long = presign(&server.store, "/files/x", now, 604_801);
    assert_eq!(Client::new().get(&too_long).send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn response_headers_may_be_chosen_by_the_signer() {
    let server = Server::start().await;
    server.bucket.put_object("x", b"x").await.unwrap();
    let queries = HashMap::from([("response-content-disposition".to_owned(), "attachment".to_owned())]);
    let url = server.bucket.presign_get("x", 60, Some(queries)).await.unwrap();
    let answer = Client::new().get(url).send().await.unwrap();
    assert_eq!(answer.headers().get("content-disposition").unwrap(), "attachment");
}
