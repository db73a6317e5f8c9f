//! Bounded lines over a byte stream.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream};
use tokio::sync::watch;
use tokio::time;

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

/// One line with its end, as far as the limit allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Whole(Vec<u8>),
    /// It was longer; the rest is skipped.
    TooLong,
}

/// A client's connection.
pub(crate) struct Connection<S> {
    stream: BufStream<S>,
    stop: watch::Receiver<bool>,
    idle: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    pub(crate) fn new(stream: S, stop: watch::Receiver<bool>, idle: Duration) -> Self {
        Self { stream: BufStream::new(stream), stop, idle }
    }

    /// The next line of at most `limit` bytes, its end included.
    pub(crate) async fn read_line(&mut self, limit: usize) -> Result<Line, End> {
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
    let mut line = Vec::new();
    let mut fits = true;
    loop {
        let chunk = stream.fill_buf().await?;
        if chunk.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(chunk.len(), |end| end + 1);
        fits = fits && line.len() + taken <= limit;
        if fits {
            line.extend_from_slice(&chunk[..taken]);
        }
        stream.consume(taken);
        if end.is_some() {
            return Ok(if fits { Line::Whole(line) } else { Line::TooLong });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_over_the_limit_is_skipped_to_its_end() {
        let mut input = io::Cursor::new(b"12345678\nNOOP\r\n".to_vec());
        assert_eq!(read_line(&mut input, 8).await.unwrap(), Line::TooLong);
        assert_eq!(read_line(&mut input, 6).await.unwrap(), Line::Whole(b"NOOP\r\n".to_vec()));
        assert!(read_line(&mut input, 6).await.is_err());
    }
}
