//! The program from outside: starts, crashes, starts again, ends.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its tools too")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::{
        fs::PermissionsExt,
        process::{CommandExt, ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// A data directory that PostgreSQL's account can enter too.
struct DataDir(tempfile::TempDir);

impl DataDir {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self(dir)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Processes that work in the directory or have it in their command line.
    fn processes(&self) -> Vec<String> {
        let cluster = self.path().join("pg").canonicalize().unwrap_or_else(|_| self.path().to_owned());
        let roots = [self.path().to_owned(), cluster];
        let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path()));
        numbers.filter_map(|process| uses(&process, &roots)).collect()
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // Where root's /tmp cannot be entered by others, the cluster lies elsewhere.
        if let Ok(elsewhere) = fs::read_link(self.path().join("pg")) {
            let _ = fs::remove_dir_all(elsewhere);
        }
    }
}

fn uses(process: &Path, roots: &[PathBuf]) -> Option<String> {
    let line = String::from_utf8_lossy(&fs::read(process.join("cmdline")).ok()?).replace('\0', " ");
    let place = fs::read_link(process.join("cwd")).unwrap_or_default();
    let used = |root: &PathBuf| place.starts_with(root) || line.contains(&*root.to_string_lossy());
    roots.iter().any(used).then_some(line)
}

fn smecloud(dir: &DataDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smecloud"));
    command.env_clear();
    for name in ["PATH", "PG_BINDIR", "PG_RUN_AS"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.env("DATA_DIR", dir.path()).env("LISTEN_ADDR", "127.0.0.1:0").env("LOG", "warn");
    // A group of its own, whose members can be counted.
    command.process_group(0).stdin(Stdio::null()).stderr(Stdio::inherit());
    command
}

/// A running program.
struct Instance {
    child: Child,
    output: BufReader<ChildStdout>,
    /// What it printed until it was ready.
    block: String,
    address: String,
    took: Duration,
}

impl Instance {
    fn start(dir: &DataDir) -> Self {
        let since = Instant::now();
        let mut child = smecloud(dir).stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut block = String::new();
        while !block.contains("Ctrl-C") {
            assert_ne!(output.read_line(&mut block).unwrap(), 0, "ended before it was ready: {block}");
        }
        let address = block.split("SME Cloud is ready on http://").nth(1).unwrap().lines().next().unwrap().to_owned();
        Self { child, output, block, address, took: since.elapsed() }
    }

    fn signal(&self, signal: i32) {
        let pid = i32::try_from(self.child.id()).unwrap();
        // SAFETY: the child is not yet waited for, so the number is its own.
        #[expect(unsafe_code, reason = "the standard library sends no signal but SIGKILL")]
        let sent = unsafe { libc::kill(pid, signal) };
        assert_eq!(sent, 0);
    }

    /// Sends a signal and waits for the end; returns the status and what was printed after the block.
    fn end(mut self, signal: i32) -> (std::process::ExitStatus, String) {
        self.signal(signal);
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }

    /// Status and body of a request.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let own = [("Host", self.address.as_str())];
        let host = if headers.iter().any(|(name, _)| *name == "Host") { &[][..] } else { &own[..] };
        let lines: Vec<String> =
            host.iter().chain(headers).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let lines = lines.concat();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.ask("GET", path, &[], "")
    }
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn a_crash_and_a_stop_leave_nothing_running_and_lose_nothing() {
    let dir = DataDir::new();
    let first = Instance::start(&dir);
    assert_eq!(first.get("/healthz").0, 200);
    assert_eq!(first.get("/readyz").0, 200);
    let credentials = fs::read_to_string(dir.path().join("admin-credentials.txt")).unwrap();
    let password = credentials.lines().find_map(|line| line.strip_prefix("password: ")).unwrap();
    assert!(first.block.contains(password), "the first start shows the password");
    for name in ["admin-credentials.txt", "secrets.toml"] {
        assert_eq!(fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }

    let advanced = first.ask("POST", "/dev/clock", &[JSON], r#"{"advance_seconds": 3024000}"#);
    assert_eq!(advanced.0, 200, "{}", advanced.1);
    assert_eq!(first.get("/dev/mail?to=nobody@example.com"), (200, "[]".to_owned()));
    for foreign in [("Host", "cloud.example.com"), ("X-Forwarded-For", "127.0.0.1")] {
        assert_eq!(first.ask("GET", "/dev/mail", &[foreign], "").0, 404, "{foreign:?}");
    }
    for wrong in [r#"{"advance_seconds": -1}"#, r#"{"advance_seconds": 4000000000}"#, r#"{"back": 1}"#] {
        assert_eq!(first.ask("POST", "/dev/clock", &[JSON], wrong).0, 422, "{wrong}");
    }

    let second = smecloud(&dir).stderr(Stdio::piped()).output().unwrap();
    refused_with(&second, "another smecloud uses the directory");

    let (status, _) = first.end(libc::SIGKILL);
    assert_eq!(status.signal(), Some(libc::SIGKILL));

    let again = Instance::start(&dir);
    assert!(again.took < Duration::from_secs(10), "a second start took {:?}", again.took);
    assert!(!again.block.contains(password), "a later start does not show the password");
    let (status, clock) = again.get("/dev/clock");
    assert_eq!(status, 200);
    assert!(clock.contains(r#""ahead_seconds":3024000"#), "{clock}");

    let beside = smecloud(&dir).args(["audit", "verify"]).output().unwrap();
    let said = String::from_utf8(beside.stdout).unwrap();
    assert!(beside.status.success() && said.starts_with("platform: ") && said.contains(" rows, unbroken"), "{said}");

    // A client that keeps its connection open holds nothing up.
    let _idle = TcpStream::connect(&again.address).unwrap();
    let since = Instant::now();
    let group = i32::try_from(again.child.id()).unwrap();
    let (status, rest) = again.end(libc::SIGTERM);
    assert_eq!(status.code(), Some(0), "{rest}");
    assert!(since.elapsed() < Duration::from_secs(30), "the stop took {:?}", since.elapsed());
    // SAFETY: signal 0 only asks whether the group exists.
    #[expect(unsafe_code, reason = "the standard library knows no process groups")]
    let left = unsafe { libc::kill(-group, 0) };
    assert_eq!(left, -1, "the process group is not empty");
    assert_eq!(dir.processes(), Vec::<String>::new());

    let checked = smecloud(&dir).args(["audit", "verify"]).output().unwrap();
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success() && said.starts_with("platform: ") && said.contains(" rows, unbroken"), "{said}");
    assert_eq!(dir.processes(), Vec::<String>::new());
}

#[test]
fn a_start_that_cannot_be_says_why_in_one_line() {
    let dir = DataDir::new();
    for (name, value, reason) in [
        ("LISTEN_ADDR", "nowhere", "LISTEN_ADDR must be"),
        ("PUBLIC_URL", "https://cloud.example.com", "payments would be simulated"),
        ("S3_BUCKET", "mine", "S3_BUCKET is set, though S3_ENDPOINT is not"),
        ("SMECLOUD_CONFIG", "/nonexistent.toml", "/nonexistent.toml"),
        ("DATA_DIR", "/proc/nowhere", "/proc/nowhere"),
    ] {
        let output = smecloud(&dir).env(name, value).stderr(Stdio::piped()).output().unwrap();
        refused_with(&output, reason);
    }
}

fn refused_with(output: &Output, reason: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(reason), "{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
}
