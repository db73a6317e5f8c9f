//! Hears of new jobs the moment they commit.

use diesel::{Connection, PgConnection, QueryResult, connection::SimpleConnection};
use kernel::secrets::Secret;
use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};
use tokio::sync::Notify;

/// How often the socket's buffer is looked at, which costs one system call.
const LOOK_EVERY: Duration = Duration::from_millis(20);
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Wakes `wake` on every notification until it is dropped. Without the thread, polling alone finds the jobs.
pub(crate) fn start(url: Secret, wake: &Arc<Notify>) {
    let wake = Arc::downgrade(wake);
    let thread = thread::Builder::new().name("jobs-listen".to_owned());
    if let Err(error) = thread.spawn(move || keep_listening(&url, &wake)) {
        tracing::warn!(%error, "cannot listen for jobs; they start by polling");
    }
}

fn keep_listening(url: &Secret, wake: &Weak<Notify>) {
    let mut pause = PAUSE_MIN;
    while wake.strong_count() > 0 {
        match PgConnection::establish(db::with_limits(url).expose()) {
            Ok(mut conn) => {
                pause = PAUSE_MIN;
                if let Err(error) = listen(&mut conn, wake) {
                    tracing::warn!(%error, "lost the connection that listens for jobs");
                }
            }
            Err(error) => tracing::warn!(%error, "cannot connect to listen for jobs"),
        }
        thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Returns when nobody waits any more, or the connection breaks.
fn listen(conn: &mut PgConnection, wake: &Weak<Notify>) -> QueryResult<()> {
    conn.batch_execute("LISTEN jobs")?;
    // Something may have come while nobody listened.
    let mut heard = true;
    while let Some(wake) = wake.upgrade() {
        if heard {
            wake.notify_one();
        }
        drop(wake);
        thread::sleep(LOOK_EVERY);
        heard = false;
        for notification in conn.notifications_iter() {
            notification?;
            heard = true;
        }
    }
    Ok(())
}
