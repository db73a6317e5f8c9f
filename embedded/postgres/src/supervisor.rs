//! The thread that keeps the server running.

use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::error::StartError;
use crate::leftovers::PidFile;
use crate::postmaster::{self, Server};

/// How often a starting server's state is read; it has no way to tell us.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// How long crash recovery may take.
const READY_WITHIN: Duration = Duration::from_mins(10);
/// How long a fast shutdown may take before it is cut short.
const STOP_WITHIN: Duration = Duration::from_mins(1);
/// The first pause before a restart; it doubles up to [`BACK_OFF_MAX`].
const BACK_OFF: Duration = Duration::from_millis(100);
const BACK_OFF_MAX: Duration = Duration::from_secs(10);
/// A server that ran this long starts the back-off anew.
const STABLE_AFTER: Duration = Duration::from_mins(1);

/// Owns the server's thread; dropping it stops the server.
#[derive(Debug)]
pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The running child, not yet reaped: a signal cannot hit a stranger.
    pid: Option<i32>,
    restarts: u64,
    stopping: bool,
}

impl Supervisor {
    /// Starts the server and waits until it is ready.
    pub(crate) fn start(server: Server) -> Result<Self, StartError> {
        let shared = Arc::new(Shared::default());
        let (report, first_start) = mpsc::channel();
        let run = Run { server, shared: Arc::clone(&shared) };
        let thread = thread::Builder::new().name("postgres".to_owned());
        let thread = thread.spawn(move || run.keep_running(&report)).map_err(StartError::System)?;
        let supervisor = Self { shared, thread: Some(thread) };
        first_start.recv().unwrap_or(Err(StartError::Stopped))?;
        Ok(supervisor)
    }

    pub(crate) fn pid(&self) -> i32 {
        self.shared.lock().pid.unwrap_or(0)
    }

    pub(crate) fn restarts(&self) -> u64 {
        self.shared.lock().restarts
    }

    pub(crate) fn wait_for_restarts(&self, count: u64, limit: Duration) -> bool {
        self.shared.wait_while(limit, |state| state.restarts < count).restarts >= count
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.shared.update(|state| {
            state.stopping = true;
            state.signal(libc::SIGINT);
        });
        self.shared.wait_while(STOP_WITHIN, |state| state.pid.is_some()).signal(libc::SIGQUIT);
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the PostgreSQL supervisor panicked");
        }
    }
}

impl State {
    fn signal(&self, signal: i32) {
        if let Some(pid) = self.pid {
            postmaster::signal(pid, signal);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn wait_while(&self, limit: Duration, wait: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let waited = self.changed.wait_timeout_while(self.lock(), limit, |state| wait(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// What the thread works with.
struct Run {
    server: Server,
    shared: Arc<Shared>,
}

impl Run {
    /// The thread's whole life. It must outlast the server: the kernel ties the server's death signal to it.
    fn keep_running(&self, first_start: &mpsc::Sender<Result<(), StartError>>) {
        let started = self.start();
        let mut running = match started {
            Ok(child) => Some(child),
            Err(error) => return drop(first_start.send(Err(error))),
        };
        // Nobody listens any more only if the caller is gone, and then `stopping` is set.
        drop(first_start.send(Ok(())));
        let mut pause = BACK_OFF;
        loop {
            let since = Instant::now();
            if let Some(child) = running.take() {
                self.watch(child);
            }
            if since.elapsed() > STABLE_AFTER {
                pause = BACK_OFF;
            }
            if self.shared.wait_while(pause, |state| !state.stopping).stopping {
                return;
            }
            pause = (pause * 2).min(BACK_OFF_MAX);
            running = self.restart();
        }
    }

    fn restart(&self) -> Option<Child> {
        match self.start() {
            Ok(child) => {
                tracing::info!(pid = child.id(), "PostgreSQL is back");
                self.shared.update(|state| state.restarts += 1);
                Some(child)
            }
            Err(error) => {
                tracing::error!(%error, "PostgreSQL does not come back");
                None
            }
        }
    }

    /// Starts the server and waits until it takes connections.
    fn start(&self) -> Result<Child, StartError> {
        let mut child = self.server.spawn()?;
        let pid = child.id().cast_signed();
        self.shared.update(|state| state.pid = Some(pid));
        let start = Instant::now();
        loop {
            if PidFile::read(self.server.data()).is_some_and(|file| file.pid == pid && file.ready) {
                return Ok(child);
            }
            if let Some(status) = self.reap_if_ended(&mut child) {
                return Err(if self.shared.lock().stopping { StartError::Stopped } else { self.server.exited(status) });
            }
            if start.elapsed() > READY_WITHIN {
                postmaster::signal(pid, libc::SIGQUIT);
                self.watch(child);
                return Err(StartError::NotReady(READY_WITHIN.as_secs()));
            }
            // A signal of the first milliseconds comes before the server listens for it, hence more than once.
            if self.shared.wait_while(LOOK_EVERY, |_| true).stopping {
                postmaster::signal(pid, libc::SIGINT);
            }
        }
    }

    fn reap_if_ended(&self, child: &mut Child) -> Option<std::process::ExitStatus> {
        let mut state = self.shared.lock();
        let status = child.try_wait().ok().flatten()?;
        state.pid = None;
        drop(state);
        self.shared.changed.notify_all();
        Some(status)
    }

    /// Blocks until the server ends.
    fn watch(&self, mut child: Child) {
        postmaster::wait_for_end(&child);
        let status = self.reap_if_ended(&mut child);
        if !self.shared.lock().stopping {
            tracing::error!(?status, "PostgreSQL ended unexpectedly");
        }
    }
}
