use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::server::{Server, files, refusal};

/// A server on which keys were written, overwritten and deleted.
async fn lived_in() -> Server {
    let server = Server::start().await;
    for key in ["a", "a/b", "产品", "gone"] {
        server.bucket.put_object(key, b"first").await.unwrap();
        server.bucket.put_object(key, key.as_bytes()).await.unwrap();
    }
    server.bucket.delete_object("gone").await.unwrap();
    server
}

async fn assert_lived_in(server: &Server) {
    assert_eq!(server.keys().await, ["a", "a/b", "产品"]);
    for key in ["a", "a/b", "产品"] {
        assert_eq!(server.get(key).await, key.as_bytes());
    }
    assert_eq!(refusal(server.bucket.get_object("gone").await).0, 404);
    assert_eq!(files(&server.dir().join("objects")).len(), 3);
}

fn append(path: &Path, bytes: &[u8]) {
    fs::File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_compacts_and_loses_nothing() {
    let server = lived_in().await;
    let lines = |server: &Server| fs::read_to_string(server.dir().join("journal")).unwrap().lines().count();
    assert_eq!(lines(&server), 10);
    let server = server.restart(|_| {}).await;
    assert_eq!(lines(&server), 4);
    assert_lived_in(&server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_torn_tail_is_cut_off() {
    let mut server = lived_in().await;
    server = server.restart(|_| {}).await;
    let whole = fs::read(server.dir().join("journal")).unwrap();
    let last = whole[..whole.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    // The record of the last key, torn anywhere: the others stand.
    for cut in [last + 1, last + 9, last + 40, whole.len() - 1] {
        let journal = whole[..cut].to_vec();
        let server = lived_in().await.restart(|dir| fs::write(dir.join("journal"), journal).unwrap()).await;
        assert_eq!(server.keys().await, ["a", "a/b"], "cut at {cut}");
        assert_eq!(refusal(server.bucket.get_object("产品").await).0, 404);
    }
    // After a cut, life goes on.
    let server = server.restart(|dir| append(&dir.join("journal"), b"0000ffff {\"put\":{\"key\":\"x\"")).await;
    assert_lived_in(&server).await;
    server.bucket.put_object("later", b"later").await.unwrap();
    let server = server.restart(|_| {}).await;
    assert_eq!(server.get("later").await, b"later");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_journal_is_rebuilt() {
    let server = lived_in().await.restart(|dir| fs::remove_file(dir.join("journal")).unwrap()).await;
    assert_lived_in(&server).await;
    assert_lived_in(&server.restart(|_| {}).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_is_rebuilt() {
    let damage = |dir: &Path| {
        let mut bytes = fs::read(dir.join("journal")).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(dir.join("journal"), bytes).unwrap();
    };
    let server = lived_in().await.restart(damage).await;
    assert_lived_in(&server).await;
    assert!(server.dir().join("journal.damaged").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_are_swept() {
    let server = lived_in()
        .await
        .restart(|dir| {
            fs::write(dir.join("tmp/half"), b"half").unwrap();
            // Whole, but never acknowledged: a kill between rename and journal leaves this.
            let object = files(&dir.join("objects")).remove(0);
            let stranger = object.with_extension("00000000000070008000000000000000");
            fs::copy(object, stranger).unwrap();
        })
        .await;
    assert_lived_in(&server).await;
    assert!(files(&server.dir().join("tmp")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_object_is_an_error_not_wrong_bytes() {
    let server = Server::start().await;
    server.bucket.put_object("x", b"content").await.unwrap();
    let file = files(&server.dir().join("objects")).remove(0);
    let mut bytes = fs::read(&file).unwrap();
    bytes.pop();
    fs::write(&file, bytes).unwrap();
    assert_eq!(refusal(server.bucket.get_object("x").await).0, 500);
}
