//! The worker as a process of its own: it says when it is ready, two can run at once, and SIGTERM ends each in order.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};
use tests::Cluster;

/// Starts a worker and waits for its ready line. Store and mail server are absent: they may come later.
fn start(database_url: &str) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_worker"))
        .env_clear()
        .envs([
            ("DATABASE_URL", database_url),
            ("S3_ENDPOINT", "http://127.0.0.1:1"),
            ("S3_BUCKET", "smecloud"),
            ("S3_ACCESS_KEY", "key"),
            ("S3_SECRET_KEY", "secret"),
            ("SMTP_URL", "smtp://127.0.0.1:1"),
            ("PAYMENTS", "simulator"),
            ("SECRETS_KEY", &"5a".repeat(32)),
            ("LOG", "warn"),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), "worker is ready");
    child
}

fn terminate(child: &Child) {
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
}

#[test]
fn two_workers_start_and_end_in_order() {
    let database = Cluster::get().database();
    let mut workers = [start(&database.app_url()), start(&database.app_url())];
    workers.iter().for_each(terminate);
    for worker in &mut workers {
        assert_eq!(worker.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn a_worker_refuses_to_start_without_payments_or_with_a_privileged_role() {
    let database = Cluster::get().database();
    let run = |name: &str, value: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_worker"))
            .env_clear()
            .envs([("DATABASE_URL", database.superuser_url()), (name, value.to_owned())])
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run("LOG", "warn").contains("STRIPE_SECRET_KEY"));
    assert!(run("PAYMENTS", "simulator").contains("superuser"));
}
