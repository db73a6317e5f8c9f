//! What the process writes to its log, for tests that look for what must not be there.

use std::{
    io,
    sync::{Mutex, MutexGuard, Once, PoisonError},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// The default filter, and everything that our own code and the server say.
const FILTER: &str = "info,actix_web=debug,actix_http=debug,api=trace,auth=trace,db=trace,files=trace,jobs=trace,shares=trace,\
                      tenants=trace,worker=trace,traces=trace";

/// What was logged since somebody wanted to see it.
static LOG: Mutex<Option<Vec<u8>>> = Mutex::new(None);
/// One test looks at a time.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The log of the whole process, as it is written in JSON, while something is done.
pub async fn logged_during<T>(work: impl Future<Output = T>) -> (T, String) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let log = tracing_subscriber::fmt().json().flatten_event(true).with_writer(Kept);
        log.with_env_filter(EnvFilter::new(FILTER)).init();
    });
    let _turn = TURN.lock().await;
    *log() = Some(Vec::new());
    let done = work.await;
    let logged = log().take().unwrap_or_default();
    (done, String::from_utf8_lossy(&logged).into_owned())
}

fn log() -> MutexGuard<'static, Option<Vec<u8>>> {
    LOG.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Kept;

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(kept) = log().as_mut() {
            kept.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
