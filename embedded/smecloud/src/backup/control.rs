//! How `smecloud backup` asks the running platform: a socket in the data directory, one line of JSON there, lines back.

use super::{
    Manifest,
    online::{self, Sources},
    progress::Progress,
};
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::{
    cell::Cell,
    fs::{self, File, Permissions},
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    os::{
        fd::AsRawFd,
        unix::{
            fs::PermissionsExt,
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

const SOCKET: &str = "control.sock";
/// The longest question.
const QUESTION_MAX: u64 = 64 * 1024;
/// How long a question may take to arrive.
const QUESTION_WITHIN: Duration = Duration::from_secs(5);

/// What is asked.
#[derive(Deserialize, Serialize)]
struct Question {
    /// Where the backup shall be; absolute.
    backup: PathBuf,
}

/// What comes back, a line each; the last is not `Progress`.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Progress(String),
    Done { taken_at: String, files: usize },
    Failed(String),
}

/// The ear of the running platform.
#[derive(Debug)]
pub(crate) struct Control {
    accepting: tokio::task::JoinHandle<()>,
    stop: Arc<AtomicBool>,
    /// Held by the backup that is being made.
    turn: Arc<Mutex<()>>,
    path: PathBuf,
}

impl Control {
    /// Listens in the data directory, for this account and root only.
    pub(crate) fn open(sources: Sources) -> anyhow::Result<Self> {
        let path = sources.dir.path(SOCKET);
        let listener = listen(sources.dir.root()).with_context(|| format!("cannot listen on {}", path.display()))?;
        let (stop, turn) = (Arc::<AtomicBool>::default(), Arc::<Mutex<()>>::default());
        let service = Service { sources, stop: Arc::clone(&stop), turn: Arc::clone(&turn) };
        Ok(Self { accepting: tokio::spawn(service.serve(listener)), stop, turn, path })
    }

    /// Ends a backup that is under way, without a trace, and hears no more.
    pub(crate) async fn close(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.accepting.abort();
        let _ended = self.turn.lock().await;
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "control socket not removed");
        }
    }
}

/// A socket's path may have 107 bytes at most, so it is named through the open folder.
fn through_folder<T>(root: &Path, use_path: impl FnOnce(&Path) -> std::io::Result<T>) -> std::io::Result<T> {
    let folder = File::open(root)?;
    use_path(&PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd())))
}

fn listen(root: &Path) -> std::io::Result<tokio::net::UnixListener> {
    match fs::remove_file(root.join(SOCKET)) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = through_folder(root, |path| UnixListener::bind(path))?;
    fs::set_permissions(root.join(SOCKET), Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    tokio::net::UnixListener::from_std(listener)
}

#[derive(Clone)]
struct Service {
    sources: Sources,
    stop: Arc<AtomicBool>,
    turn: Arc<Mutex<()>>,
}

impl Service {
    async fn serve(self, listener: tokio::net::UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) if is_ours(&stream) => {
                    let service = self.clone();
                    tokio::spawn(async move { service.answer(stream).await });
                }
                Ok(_) => tracing::warn!("a stranger's account asked for a backup"),
                Err(error) => {
                    tracing::warn!(%error, "control connection not accepted");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn answer(self, stream: tokio::net::UnixStream) {
        let Ok(stream) = stream.into_std() else { return };
        let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else {
            let refused =
                tokio::task::spawn_blocking(move || say(&stream, &Line::Failed("another backup is being made".into())));
            return drop(refused.await);
        };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            self.make(&stream)
        });
        if let Ok(Err(error)) = done.await {
            tracing::warn!(error = format!("{error:#}"), "the one who asked for a backup is gone");
        }
    }

    /// Makes the backup that is asked for. Whoever goes away has it stopped.
    fn make(&self, stream: &UnixStream) -> anyhow::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(QUESTION_WITHIN))?;
        let mut text = String::new();
        BufReader::new(stream).take(QUESTION_MAX).read_line(&mut text)?;
        let question: Question = serde_json::from_str(&text)?;
        let gone = Cell::new(false);
        let tell = |text: &str| gone.set(gone.get() || say(stream, &Line::Progress(text.to_owned())).is_err());
        let stopped = || gone.get() || self.stop.load(Ordering::Relaxed);
        let outcome = online::make(&self.sources, &question.backup, Progress::new(&tell, &stopped));
        let line = match outcome {
            Ok(manifest) => Line::Done { taken_at: manifest.taken_at.to_rfc3339(), files: manifest.files.len() },
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "a backup failed");
                Line::Failed(format!("{error:#}"))
            }
        };
        say(stream, &line)
    }
}

fn is_ours(stream: &tokio::net::UnixStream) -> bool {
    // SAFETY: geteuid reads one number and cannot fail.
    #[expect(unsafe_code, reason = "the standard library has no such call")]
    let own = unsafe { libc::geteuid() };
    stream.peer_cred().is_ok_and(|peer| peer.uid() == own || peer.uid() == 0)
}

fn say(mut stream: &UnixStream, line: &Line) -> anyhow::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    Ok(stream.write_all(text.as_bytes())?)
}

/// Asks the platform that runs in the data directory `root` for a backup; `None` if none runs. Blocks.
pub(crate) fn ask(root: &Path, backup: &Path, tell: &dyn Fn(&str)) -> anyhow::Result<Option<Manifest>> {
    let Ok(stream) = through_folder(root, |path| UnixStream::connect(path)) else { return Ok(None) };
    let mut question = serde_json::to_string(&Question { backup: backup.to_owned() })?;
    question.push('\n');
    (&stream).write_all(question.as_bytes())?;
    for line in BufReader::new(&stream).lines() {
        match serde_json::from_str(&line.context("the running smecloud does not answer")?)? {
            Line::Progress(text) => tell(&text),
            Line::Done { .. } => return Manifest::read(backup).map(Some),
            Line::Failed(reason) => bail!("{reason}"),
        }
    }
    bail!("the running smecloud ended before the backup was made")
}
