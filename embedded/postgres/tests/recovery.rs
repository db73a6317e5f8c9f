//! Every way a server or its owner can die, and what the next start makes of it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "test code outside of test functions"
)]

mod place;

use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use embedded_postgres::EmbeddedPostgres;

use crate::place::{Place, ask, run};

const LIMIT: Duration = Duration::from_mins(1);
/// Names the data directory to the process of [`owner`].
const OWNED: &str = "EMBEDDED_POSTGRES_TEST_ROOT";

#[test]
fn a_killed_server_comes_back_with_its_data() {
    let place = Place::new();
    let server = place.start();
    run(&server, "CREATE TABLE n AS SELECT generate_series(1, 1000) AS i");
    for round in 1..=2 {
        let killed = server.pid();
        kill(killed);
        assert!(server.wait_for_restarts(round, LIMIT));
        assert_ne!(server.pid(), killed);
        assert_eq!(ask(&server, "SELECT count(*) FROM n"), "1000");
    }
    assert_eq!(server.restarts(), 2);
}

#[test]
fn a_half_made_cluster_is_made_again() {
    let place = Place::new();
    place.start().stop();
    // What an initdb that was killed leaves: files in the working folder, no cluster, perhaps a password.
    fs::rename(place.cluster(), place.root().join("pg/data.new")).unwrap();
    fs::remove_file(place.root().join("pg/data.new/PG_VERSION")).unwrap();
    assert_eq!(ask(&place.start(), "1"), "1");
    assert!(!place.root().join("pg/data.new").exists());
}

#[test]
fn stale_pid_files_that_name_another_program_do_not_stop_a_start() {
    let place = Place::new();
    place.start().stop();
    let data = place.cluster();
    let mut stranger = Command::new("sleep");
    let mut stranger = stranger.arg("1000").uid(fs::metadata(&data).unwrap().uid()).spawn().unwrap();
    let text = format!("{}\n{}\n1\n5432\n\n\n", stranger.id(), data.display());
    fs::write(data.join("postmaster.pid"), &text).unwrap();
    fs::write(place.root().join("pg/run/.s.PGSQL.5432.lock"), &text).unwrap();

    let server = place.start();
    assert_eq!(ask(&server, "1"), "1");
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger must be left alone");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_server_left_running_is_stopped_and_replaced() {
    let place = Place::new();
    let server = place.start();
    run(&server, "CREATE TABLE kept AS SELECT 'kept'::text AS name");
    let program = fs::read_link(format!("/proc/{}/exe", server.pid())).unwrap();
    let socket_dir = server.socket_dir().to_owned();
    server.stop();
    let owner = fs::metadata(place.cluster()).unwrap();
    let mut left = Command::new(program)
        .arg("-D")
        .arg(place.cluster())
        .args(["-c", "listen_addresses=", "-c", &format!("unix_socket_directories={}", socket_dir.display())])
        .uid(owner.uid())
        .gid(owner.gid())
        .current_dir("/")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(left.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(log.any(|line| line.contains("ready to accept connections")));

    let end = thread::spawn(move || {
        log.for_each(drop); // its pipe must not fill up
        left.wait().unwrap()
    });
    assert_eq!(ask(&place.start(), "SELECT name FROM kept"), "kept");
    assert!(end.join().unwrap().success(), "it must be stopped in order");
}

#[test]
fn a_killed_owner_leaves_no_server_behind() {
    let place = Place::new();
    let (mut process, pid) = spawn_owner(&place);
    let server = pidfd(pid);
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(ends_within(&server, LIMIT), "PostgreSQL outlived its owner");
    assert_eq!(ask(&place.start(), "SELECT name FROM kept"), "kept");
}

#[test]
fn a_start_right_after_everything_was_killed_works() {
    let place = Place::new();
    for _ in 0..2 {
        let (mut process, pid) = spawn_owner(&place);
        process.kill().unwrap();
        kill(pid);
        process.wait().unwrap();
        assert_eq!(ask(&place.start(), "SELECT name FROM kept"), "kept");
    }
}

/// Not a test: the process the tests above kill.
#[test]
#[ignore = "started by other tests"]
fn owner() {
    let Some(root) = env::var_os(OWNED) else { return };
    let settings = vec![("shared_buffers".to_owned(), "16MB".to_owned())];
    let server = EmbeddedPostgres::start(&embedded_postgres::Config { root: root.into(), settings }).unwrap();
    run(&server, "CREATE TABLE IF NOT EXISTS kept AS SELECT 'kept'::text AS name");
    println!("\nserver {}", server.pid());
    io::stdin().read_to_end(&mut Vec::new()).unwrap(); // until killed
}

/// A second process that owns a server, and that server's number.
fn spawn_owner(place: &Place) -> (std::process::Child, i32) {
    let mut process = Command::new(env::current_exe().unwrap())
        .args(["--exact", "owner", "--ignored", "--nocapture"])
        .env(OWNED, place.root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let pid = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("server ")?.parse().ok());
    (process, pid.expect("the owner must report its server"))
}

fn kill(pid: i32) {
    // SAFETY: plain numbers.
    #[expect(unsafe_code, reason = "the server is no child of the test")]
    let sent = unsafe { libc::kill(pid, libc::SIGKILL) };
    assert_eq!(sent, 0, "{}", io::Error::last_os_error());
}

/// A handle that becomes readable when the process ends.
fn pidfd(pid: i32) -> OwnedFd {
    // SAFETY: the call takes plain numbers, and the descriptor it returns is ours alone.
    #[expect(unsafe_code, reason = "the standard library cannot wait for a process that is no child")]
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid, 0);
        assert!(fd >= 0, "{}", io::Error::last_os_error());
        OwnedFd::from_raw_fd(i32::try_from(fd).unwrap())
    }
}

fn ends_within(process: &OwnedFd, limit: Duration) -> bool {
    let mut wanted = libc::pollfd { fd: process.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: the pointer is to one pollfd that lives through the call.
    #[expect(unsafe_code, reason = "the standard library has no poll")]
    let ready = unsafe { libc::poll(&raw mut wanted, 1, i32::try_from(limit.as_millis()).unwrap()) };
    ready == 1
}
