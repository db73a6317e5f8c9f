//! Programs of the platform as processes of their own, which die.

use crate::{Client, TestApp};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A running program.
#[derive(Debug)]
pub struct ProgramProcess {
    child: Child,
    ready: String,
}

impl TestApp {
    /// Starts a program on the same database and bucket, and waits until it is ready.
    pub fn program_process(&self, path: &str) -> ProgramProcess {
        let mut child = Command::new(path)
            .env_clear()
            .envs([("LISTEN_ADDR", "127.0.0.1:0"), ("PAYMENTS", "simulator"), ("LOG", "error,files=off,jobs=off")])
            .envs(self.variables())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut ready = String::new();
        let output = child.stdout.as_mut().expect("its output");
        BufReader::new(output).read_line(&mut ready).expect("a line");
        assert!(ready.contains(" is ready"), "{path} did not start");
        ProgramProcess { child, ready }
    }
}

impl ProgramProcess {
    /// The same person at this process, if it is an API.
    pub fn client(&self, of: &Client) -> Client {
        let base = self.ready.split_whitespace().last().unwrap_or_default();
        let visitor = Client::visitor(base);
        of.token().map_or_else(|| visitor.clone(), |token| visitor.with_token(token))
    }

    /// Kills it, as by `kill -9`.
    pub fn kill(mut self) {
        self.end();
    }

    /// Most memory that it had at once, in MB.
    pub fn peak_megabytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a running process");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("kB");
        kib * 1024 / 1_000_000
    }

    fn end(&mut self) {
        // One that has ended already is what was wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for ProgramProcess {
    fn drop(&mut self) {
        self.end();
    }
}
