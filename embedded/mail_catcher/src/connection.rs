//! Bounded lines over a byte stream.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::watch;
use tokio::time;

/// Holds many lines, so that a large mail takes few turns of the runtime.
const BUFFER: usize = 64 << 10;

/// Why no line came.
#[derive(Debug)]
pub(crate) enum End {
    /// The client went away or the connection broke.
    Closed,
    /// Nothing came for the idle time.
    Idle,
    /// The server stops.
    Stopping,
}

/// One line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The line with its end, as far as the limit allowed.
    pub(crate) bytes: Vec<u8>,
    /// Whether it was longer than that.
    pub(crate) too_long: bool,
    /// Whether it ended with CR LF, not with a bare LF.
    pub(crate) proper_end: bool,
}

/// A client's connection.
pub(crate) struct Connection<S> {
    stream: BufReader<S>,
    stop: watch::Receiver<bool>,
    idle: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S, stop: watch::Receiver<bool>, idle: Duration) -> Self {
        Self { stream: BufReader::with_capacity(BUFFER, stream), stop, idle }
    }

    /// The next line of at most `limit` bytes, its end included.
    pub(crate) async fn read_line(&mut self, limit: usize) -> Result<Line, End> {
        if self.stream.buffer().contains(&b'\n') {
            return read_line(&mut self.stream, limit).await.map_err(|_| End::Closed); // without waiting
        }
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => Err(End::Stopping),
            line = time::timeout(self.idle, read_line(&mut self.stream, limit)) => match line {
                Ok(line) => line.map_err(|_| End::Closed),
                Err(_) => Err(End::Idle),
            }
        }
    }

    /// Sends one reply line. A client that does not read it is given up after the idle time.
    pub(crate) async fn write(&mut self, code: u16, text: &str) -> Result<(), End> {
        self.write_all(&format!("{code} {text}\r\n")).await
    }

    /// Sends complete lines.
    pub(crate) async fn write_all(&mut self, lines: &str) -> Result<(), End> {
        let send = async {
            self.stream.write_all(lines.as_bytes()).await?;
            self.stream.flush().await
        };
        match time::timeout(self.idle, send).await {
            Ok(result) => result.map_err(|_| End::Closed),
            Err(_) => Err(End::Idle),
        }
    }
}

async fn read_line(stream: &mut (impl AsyncBufRead + Unpin), limit: usize) -> io::Result<Line> {
    let mut line = Line::default();
    let mut last = 0;
    loop {
        let chunk = stream.fill_buf().await?;
        if chunk.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(chunk.len(), |end| end + 1);
        let room = limit - line.bytes.len();
        line.too_long |= taken > room;
        line.bytes.extend_from_slice(&chunk[..taken.min(room)]);
        if let Some(end) = end {
            let before = end.checked_sub(1).map_or(last, |before| chunk[before]);
            line.proper_end = before == b'\r';
            stream.consume(taken);
            return Ok(line);
        }
        last = chunk[taken - 1];
        stream.consume(taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_over_the_limit_is_skipped_to_its_end() {
        // A buffer of two bytes tears every line apart.
        let mut input = BufReader::with_capacity(2, &b"1234567\r\nNOOP\r\n123\n\r\n"[..]);
        for (text, too_long, proper_end) in
            [("12345678", true, true), ("NOOP\r\n", false, true), ("123\n", false, false), ("\r\n", false, true)]
        {
            let bytes = text.as_bytes()[..text.len().min(6)].to_vec();
            assert_eq!(read_line(&mut input, 6).await.unwrap(), Line { bytes, too_long, proper_end });
        }
        assert!(read_line(&mut input, 6).await.is_err());
    }
}
