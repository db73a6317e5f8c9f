//! The API as a process of its own: it says when it is ready, serves while the object store is away, and SIGTERM ends it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
};
use tests::Cluster;

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn starts_serves_without_an_object_store_and_ends_in_order() {
    let database = Cluster::get().database();
    let mut child = Command::new(env!("CARGO_BIN_EXE_api"))
        .env_clear()
        .envs([
            ("LISTEN_ADDR", "127.0.0.1:0"),
            ("DATABASE_URL", &database.app_url()),
            ("S3_ENDPOINT", "http://127.0.0.1:1"),
            ("S3_BUCKET", "smecloud"),
            ("S3_ACCESS_KEY", "key"),
            ("S3_SECRET_KEY", "secret"),
            ("SMTP_URL", "smtp://127.0.0.1:1"),
            ("PAYMENTS", "simulator"),
            ("SECRETS_KEY", &"5a".repeat(32)),
            ("LOG", "error"),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
    let address = ready.split("http://").nth(1).unwrap().trim().to_owned();

    assert!(get(&address, "/healthz").starts_with("HTTP/1.1 200"));
    let not_ready = get(&address, "/readyz");
    assert!(not_ready.starts_with("HTTP/1.1 503") && not_ready.contains("object_store"), "{not_ready}");

    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
