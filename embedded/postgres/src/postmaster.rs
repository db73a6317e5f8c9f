//! One server process: how it is started and told to end.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use crate::account::Account;
use crate::cluster::Cluster;
use crate::error::{AtPath, StartError};
use crate::leftovers;

/// Only a part of the socket's file name: there is no TCP.
pub(crate) const PORT: u16 = 5432;
/// A log beyond this many bytes is set aside at the next start.
const LOG_MAX: u64 = 10 << 20;
/// How much of the log an error shows.
const LOG_LINES_SHOWN: usize = 20;

/// Everything needed to start the server again and again.
#[derive(Debug)]
pub(crate) struct Server {
    account: Account,
    program: PathBuf,
    data: PathBuf,
    socket_lock: PathBuf,
    log: PathBuf,
    settings: Vec<String>,
}

impl Server {
    pub(crate) fn new(cluster: &Cluster, settings: &[(String, String)]) -> Self {
        let own = [
            format!("unix_socket_directories={}", cluster.socket_dir().display()),
            "unix_socket_permissions=0700".to_owned(),
            "listen_addresses=".to_owned(),
            format!("port={PORT}"),
        ];
        // The last of two equal settings wins, so ours stand last.
        let settings = settings.iter().map(|(name, value)| format!("{name}={value}")).chain(own).collect();
        Self {
            account: cluster.account(),
            program: cluster.postgres(),
            data: cluster.data().to_owned(),
            socket_lock: socket_in(cluster.socket_dir()).with_added_extension("lock"),
            log: cluster.log().to_owned(),
            settings,
        }
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Starts the process, after what an earlier one left is gone. It ends with the calling thread.
    pub(crate) fn spawn(&self) -> Result<Child, StartError> {
        leftovers::clear(&self.data, &self.socket_lock)?;
        let log = self.open_log()?;
        let errors = log.try_clone().at("open", &self.log)?;
        let mut command = self.account.command(&self.program);
        command.arg("-D").arg(&self.data).stdout(log).stderr(errors);
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        die_with_this_thread(&mut command, libc::SIGINT);
        command.spawn().at("run", &self.program)
    }

    /// The end of the log, for an error.
    pub(crate) fn exited(&self, status: std::process::ExitStatus) -> StartError {
        let log = fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let mut lines: Vec<&str> = log.lines().rev().take(LOG_LINES_SHOWN).collect();
        lines.reverse();
        StartError::Exited { status, log_path: self.log.clone(), log: lines.join("\n") }
    }

    fn open_log(&self) -> Result<File, StartError> {
        if fs::metadata(&self.log).is_ok_and(|meta| meta.len() > LOG_MAX) {
            fs::rename(&self.log, self.log.with_extension("log.1")).at("rename", &self.log)?;
        }
        File::options().create(true).append(true).mode(0o600).open(&self.log).at("open", &self.log)
    }
}

/// The socket the server makes in its folder.
pub(crate) fn socket_in(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

/// Makes the kernel send `death_signal` to the command when the thread that spawns it ends, however that happens: so
/// nothing stays behind when this program is killed.
pub(crate) fn die_with_this_thread(command: &mut Command, death_signal: i32) {
    let parent = std::process::id();
    let death_signal = libc::c_ulong::from(death_signal.cast_unsigned());
    let arm = move || {
        // SAFETY: both calls take and return plain numbers.
        #[expect(unsafe_code, reason = "the standard library cannot set the parent-death signal")]
        let (armed, parent_now) = unsafe { (libc::prctl(libc::PR_SET_PDEATHSIG, death_signal), libc::getppid()) };
        if armed != 0 {
            return Err(io::Error::last_os_error());
        }
        if u32::try_from(parent_now) != Ok(parent) {
            return Err(io::ErrorKind::BrokenPipe.into()); // the parent was killed before the signal was armed
        }
        Ok(())
    };
    // SAFETY: between fork and exec the closure makes two system calls and allocates nothing.
    #[expect(unsafe_code, reason = "a change of user clears the signal, so it is set after that, in the child")]
    unsafe {
        command.pre_exec(arm);
    }
}

/// Sends a signal; a process that is gone is no error.
pub(crate) fn signal(pid: i32, signal: i32) {
    // SAFETY: kill takes plain numbers.
    #[expect(unsafe_code, reason = "the standard library can send SIGKILL only")]
    let sent = unsafe { libc::kill(pid, signal) };
    if sent != 0 {
        tracing::debug!(pid, signal, error = %io::Error::last_os_error(), "signal not sent");
    }
}

/// Waits for a child's end and leaves it to be reaped: until then its number cannot pass to another process.
pub(crate) fn wait_for_end(child: &Child) {
    // SAFETY: siginfo_t is plain old data for which all zeros is valid; waitid writes into it and keeps no pointer.
    #[expect(unsafe_code, reason = "the standard library's wait reaps the child at once")]
    while unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        libc::waitid(libc::P_PID, child.id(), &raw mut info, libc::WEXITED | libc::WNOWAIT)
    } != 0
        && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
    {}
}
