//! One client's dialogue.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use crate::SIZE_MAX;
use crate::command::{Command, Reply, TOO_LARGE};
use crate::connection::{Connection, End};
use crate::store::Store;

/// RFC 5321 asks for 512; the extensions add to that, and addresses in UTF-8 are long.
const COMMAND_MAX: usize = 2048;
/// RFC 5321's limit, with the line's end and a doubled dot.
const TEXT_LINE_MAX: usize = 1001;
/// RFC 5321's lower limit.
const RECIPIENTS_MAX: usize = 100;
/// RFC 5321's shortest time.
const IDLE: Duration = Duration::from_mins(5);
/// A client with this many errors in a session talks nonsense.
const ERRORS_MAX: u32 = 20;

const OK: Reply = (250, "2.0.0 OK");
const BAD_SEQUENCE: Reply = (503, "5.5.1 Bad sequence of commands");
const LINE_TOO_LONG: Reply = (500, "5.5.2 Line too long");
const BARE_LINE_FEED: Reply = (554, "5.6.0 Lines must end with CR LF");
const BYE: Reply = (221, "2.0.0 Bye");

/// A dialogue and how far it is.
pub(crate) struct Session<S> {
    connection: Connection<S>,
    store: Arc<Store>,
    greeted: bool,
    /// The recipients of the mail begun, if one is.
    mail: Option<Vec<String>>,
    errors: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(crate) fn new(stream: S, store: Arc<Store>, stop: watch::Receiver<bool>) -> Self {
        Self::with_idle_time(stream, store, stop, IDLE)
    }

    fn with_idle_time(stream: S, store: Arc<Store>, stop: watch::Receiver<bool>, idle: Duration) -> Self {
        let connection = Connection::new(stream, stop, idle);
        Self { connection, store, greeted: false, mail: None, errors: 0 }
    }

    /// Talks until the client quits or goes away, falls silent, or the server stops.
    pub(crate) async fn run(mut self) {
        let farewell = match self.talk().await {
            Ok(()) => BYE,
            Err(End::Closed) => return,
            Err(End::Idle) => (421, "4.4.2 Nothing came for too long"),
            Err(End::Stopping) => (421, "4.3.2 The server stops"),
        };
        // The client may be gone already; it needs no farewell then.
        drop(self.connection.write(farewell.0, farewell.1).await);
    }

    async fn talk(&mut self) -> Result<(), End> {
        self.connection.write(220, "localhost ESMTP mail catcher").await?;
        while self.errors < ERRORS_MAX {
            let line = self.connection.read_line(COMMAND_MAX).await?;
            let command = if line.too_long { Err(LINE_TOO_LONG) } else { Command::parse(line.bytes.trim_ascii_end()) };
            let (code, text) = match command {
                Ok(Command::Quit) => return Ok(()),
                Ok(Command::Ehlo) => {
                    self.greet().await?;
                    continue;
                }
                Ok(command) => self.obey(command).await?,
                Err(reply) => reply,
            };
            self.errors += u32::from(code >= 500);
            self.connection.write(code, text).await?;
        }
        Ok(())
    }

    async fn greet(&mut self) -> Result<(), End> {
        (self.greeted, self.mail) = (true, None);
        let lines = format!(
            "250-localhost\r\n250-PIPELINING\r\n250-SIZE {SIZE_MAX}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"
        );
        self.connection.write_all(&lines).await
    }

    async fn obey(&mut self, command: Command) -> Result<Reply, End> {
        Ok(match (command, &mut self.mail) {
            (Command::Helo, _) => {
                (self.greeted, self.mail) = (true, None);
                (250, "localhost")
            }
            (Command::Reset, _) => {
                self.mail = None;
                OK
            }
            (Command::MailFrom, None) if self.greeted => {
                self.mail = Some(Vec::new());
                (250, "2.1.0 OK")
            }
            (Command::RcptTo(_), Some(to)) if to.len() >= RECIPIENTS_MAX => (452, "4.5.3 Too many recipients"),
            (Command::RcptTo(address), Some(to)) => {
                to.push(address);
                (250, "2.1.5 OK")
            }
            (Command::Data, Some(to)) if !to.is_empty() => {
                let to = std::mem::take(to);
                self.mail = None;
                self.receive(to).await?
            }
            (Command::MailFrom | Command::RcptTo(_) | Command::Data, _) => BAD_SEQUENCE,
            (Command::Verify, _) => (252, "2.5.0 Everybody is known here"),
            (Command::Noop | Command::Ehlo | Command::Quit, _) => OK,
        })
    }

    /// Takes the mail itself and answers when it is on disk.
    async fn receive(&mut self, to: Vec<String>) -> Result<Reply, End> {
        self.connection.write(354, "End with a line of one dot").await?;
        let raw = match self.read_text().await? {
            Ok(raw) => raw,
            Err(refusal) => return Ok(refusal),
        };
        let store = Arc::clone(&self.store);
        match tokio::task::spawn_blocking(move || store.keep(to, &raw)).await {
            Ok(Ok(())) => Ok(OK),
            Ok(Err(error)) => {
                tracing::error!(%error, "cannot store a mail");
                Ok((451, "4.3.0 The mail could not be stored"))
            }
            Err(error) => {
                tracing::error!(%error, "storing a mail broke off");
                Ok((451, "4.3.0 The mail could not be stored"))
            }
        }
    }

    /// Reads to the closing dot, whatever is wrong before it, and takes the doubled dots away.
    ///
    /// Only a dot between two CR LF closes: other ends are how mails are smuggled into each other.
    async fn read_text(&mut self) -> Result<Result<Vec<u8>, Reply>, End> {
        let mut raw = Vec::new();
        let mut refusal = None;
        let mut after_line_end = true;
        loop {
            let line = self.connection.read_line(TEXT_LINE_MAX).await?;
            if line.bytes == b".\r\n" && after_line_end {
                return Ok(refusal.map_or(Ok(raw), Err));
            }
            after_line_end = line.proper_end;
            let text = line.bytes.strip_prefix(b".").unwrap_or(&line.bytes);
            if line.too_long {
                refusal.get_or_insert(LINE_TOO_LONG);
            } else if !line.proper_end {
                refusal.get_or_insert(BARE_LINE_FEED);
            } else if raw.len() + text.len() > SIZE_MAX {
                refusal.get_or_insert(TOO_LARGE);
            }
            if refusal.is_none() {
                raw.extend_from_slice(text);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test]
    async fn a_silent_client_is_sent_away() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path().to_owned(), Arc::new(Utc::now)).unwrap());
        let (mut client, server) = duplex(1024);
        let (_stopping, stop) = watch::channel(false);
        Session::with_idle_time(server, store, stop, Duration::from_millis(1)).run().await;
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert!(heard.contains("\r\n421 4.4.2"), "{heard}");
    }

    #[tokio::test]
    async fn nonsense_ends_the_session() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path().to_owned(), Arc::new(Utc::now)).unwrap());
        let (mut client, server) = duplex(4096);
        let (_stopping, stop) = watch::channel(false);
        client.write_all("GET / HTTP/1.1\r\n".repeat(30).as_bytes()).await.unwrap();
        Session::new(server, store, stop).run().await;
        let mut heard = String::new();
        client.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard.matches("\r\n500 ").count(), 20, "{heard}");
    }
}
