//! What an earlier run left behind: its `postmaster.pid`, perhaps a server still stopping, perhaps back ends whose
//! postmaster was killed. All of it must be gone before a new server can start on the data.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{AtPath, StartError};
use crate::postmaster;

/// How long a shutdown with its checkpoint may take.
const FAST_SHUTDOWN: Duration = Duration::from_mins(1);
/// How long a shutdown without one, or a back end's own end, may take.
const HARD_SHUTDOWN: Duration = Duration::from_secs(10);
/// How often `/proc` is looked at; these processes are not our children, so nothing tells us.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What we read of `postmaster.pid`.
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) ready: bool,
    shared_memory: Option<String>,
}

impl PidFile {
    pub(crate) fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// `None` when it is missing or not (yet) a pid file.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(data)).ok()?)
    }

    /// Line 1 is the pid, line 7 "key id" of the shared memory, line 8 the state `pg_ctl -w` waits for too.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok()?;
        let shared_memory = lines.nth(5).and_then(|line| Some(line.split_whitespace().nth(1)?.to_owned()));
        let ready = lines.next().is_some_and(|line| line.trim() == "ready");
        Some(Self { pid, ready, shared_memory })
    }
}

/// Stops what still runs on `data` and removes its stale pid file and the socket's lock. The caller holds the cluster's
/// lock, so a server that runs is one whose owner was killed.
///
/// PostgreSQL itself would take any process that got the number in these files since for a running server.
pub(crate) fn clear(data: &Path, socket_lock: &Path) -> Result<(), StartError> {
    if let Some(file) = PidFile::read(data) {
        if runs_on(file.pid, data) {
            tracing::warn!(pid = file.pid, "stopping the PostgreSQL of an earlier run");
            stop(file.pid, data)?;
        }
        if let Some(id) = file.shared_memory {
            // Back ends end by themselves when the postmaster is gone. PostgreSQL would refuse to start before that.
            wait_until(HARD_SHUTDOWN, || !attached(&id));
        }
    }
    remove_if_there(&PidFile::path(data))?;
    remove_if_there(socket_lock)
}

fn remove_if_there(path: &Path) -> Result<(), StartError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.at("remove", path),
    }
}

fn stop(pid: i32, data: &Path) -> Result<(), StartError> {
    for (signal, limit) in [(libc::SIGINT, FAST_SHUTDOWN), (libc::SIGQUIT, HARD_SHUTDOWN)] {
        postmaster::signal(pid, signal);
        if wait_until(limit, || !runs_on(pid, data)) {
            return Ok(());
        }
    }
    Err(StartError::Stuck(pid))
}

/// Whether `pid` is a PostgreSQL on this data and not another program that got the number since. The command line
/// tells: it is readable for every account, unlike the working directory.
fn runs_on(pid: i32, data: &Path) -> bool {
    let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else { return false };
    let mut words = line.split(|byte| *byte == 0);
    words.next().is_some_and(|program| program.ends_with(b"postgres"))
        && words.any(|word| word == data.as_os_str().as_encoded_bytes())
}

/// Whether any process has the shared memory segment `id` attached.
fn attached(id: &str) -> bool {
    let table = fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
    table.lines().any(|line| {
        let mut columns = line.split_whitespace();
        columns.nth(1) == Some(id) && columns.nth(4).is_some_and(|count| count != "0")
    })
}

fn wait_until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > limit {
            return false;
        }
        thread::sleep(LOOK_EVERY);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pid_file_is_read_at_every_stage_of_its_writing() {
        let starting = PidFile::parse("42\n/data\n1700000000\n5432\n").unwrap();
        assert_eq!((starting.pid, starting.ready, starting.shared_memory), (42, false, None));
        let ready = PidFile::parse("42\n/data\n1700000000\n5432\n/run\n\n  1234   7\nready   \n").unwrap();
        assert_eq!((ready.pid, ready.ready, ready.shared_memory.as_deref()), (42, true, Some("7")));
        assert!(PidFile::parse("").is_none());
    }

    #[test]
    fn another_program_with_the_number_is_not_our_server() {
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(!runs_on(own, Path::new("/data")));
    }
}
