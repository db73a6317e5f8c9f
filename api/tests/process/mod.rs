//! The API as a process of its own.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};
use tests::TestDatabase;

/// A running API, without an object store.
pub(crate) struct Process {
    child: Child,
    address: String,
}

impl Process {
    /// Starts it with further settings, and waits until it is ready.
    pub(crate) fn start(database: &TestDatabase, settings: &[(&str, &str)]) -> Self {
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
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        let address = ready.split("http://").nth(1).unwrap().trim().to_owned();
        Self { child, address }
    }

    /// The whole answer to a GET with further headers.
    pub(crate) fn get(&self, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}Connection: close\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends it as an operator does.
    pub(crate) fn ends_in_order(mut self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}
