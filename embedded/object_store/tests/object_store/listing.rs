use std::fs;

use s3::serde_types::ListBucketResult;

use crate::raw::Raw;
use crate::server::{Server, files};

fn keys(page: &ListBucketResult) -> Vec<&str> {
    page.contents.iter().map(|object| object.key.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn prefix_delimiter_and_pages() {
    let server = Server::start().await;
    for key in ["t1/a", "t1/b/1", "t1/b/2", "t1/c", "t10/x", "z", "中/文"] {
        server.bucket.put_object(key, b"x").await.unwrap();
    }
    let list =
        |prefix: &str, delimiter: Option<&str>| server.bucket.list(prefix.to_owned(), delimiter.map(str::to_owned));
    let pages = list("t1/", Some("/")).await.unwrap();
    assert_eq!(keys(&pages[0]), ["t1/a", "t1/c"]);
    let prefixes = |page: &ListBucketResult| {
        page.common_prefixes.iter().flatten().map(|prefix| prefix.prefix.clone()).collect::<Vec<_>>()
    };
    assert_eq!(prefixes(&pages[0]), ["t1/b/"]);
    assert_eq!(prefixes(&list("", Some("/")).await.unwrap()[0]), ["t1/", "t10/", "中/"]);

    let page = |token, after| server.bucket.list_page("t1".to_owned(), None, token, after, Some(2));
    let (first, _) = page(None, None).await.unwrap();
    assert_eq!((keys(&first), first.is_truncated), (vec!["t1/a", "t1/b/1"], true));
    let (second, _) = page(first.next_continuation_token, None).await.unwrap();
    assert_eq!(keys(&second), ["t1/b/2", "t1/c"]);
    let (third, _) = page(second.next_continuation_token, None).await.unwrap();
    assert_eq!((keys(&third), third.is_truncated), (vec!["t10/x"], false));
    assert_eq!(keys(&page(None, Some("t1/b/2".to_owned())).await.unwrap().0), ["t1/c", "t10/x"]);

    let old = server.bucket.with_listobjects_v1();
    let pages = old.list(String::new(), Some("/".to_owned())).await.unwrap();
    assert_eq!(keys(&pages[0]), ["z"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_encoded_on_demand_and_tokens_checked() {
    let server = Server::start().await;
    server.bucket.put_object("产 品+<&>", b"x").await.unwrap();
    assert_eq!(server.keys().await, ["产 品+<&>"]);
    let get = |query| Raw { method: "GET", path: "/files", query, ..Raw::default() }.send(&server.store);
    let (_, _, body) = get("encoding-type=url&list-type=2");
    assert!(String::from_utf8(body).unwrap().contains("<Key>%E4%BA%A7%20%E5%93%81%2B%3C%26%3E</Key>"));
    for query in ["continuation-token=x&list-type=2", "continuation-token=kff&list-type=2", "list-type=2&max-keys=-1"] {
        assert_eq!(get(query).0, 400, "{query}");
    }
    let (status, _, body) = get("list-type=2&max-keys=0");
    assert_eq!(status, 200);
    assert!(String::from_utf8(body).unwrap().contains("<IsTruncated>false</IsTruncated>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_keys_are_listed_without_their_files() {
    let server = Server::start().await;
    let writers = (0..10).map(|writer| {
        let bucket = server.bucket.clone();
        tokio::spawn(async move {
            for n in 0..500 {
                bucket.put_object(format!("{writer}/{n:03}"), b"x").await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    // What is not there cannot be read.
    for file in files(&server.dir().join("objects")) {
        fs::remove_file(file).unwrap();
    }
    let keys = server.keys().await;
    assert_eq!(keys.len(), 5000);
    assert!(keys.is_sorted());
}
