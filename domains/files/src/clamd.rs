//! A virus scanner: `clamd`, spoken to by its own protocol (INSTREAM), over TCP or a socket on the same machine.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::{io, path::PathBuf, pin::pin, str::FromStr, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// How long it may take to be reached.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may leave a piece waiting.
const PIECE: Duration = Duration::from_mins(1);
/// How long it may look at a file once it has all of it.
const LOOK: Duration = Duration::from_mins(10);
/// Bytes of its longest answer.
const MAX_ANSWER: u64 = 4_096;
/// Characters that are kept of what it found.
const MAX_FINDING: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    Tcp(String),
    Unix(PathBuf),
}

/// Where the virus scanner is: `host:port`, or the path of its socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanner {
    address: Address,
}

impl FromStr for Scanner {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = text.strip_prefix("unix:").unwrap_or(text);
        if path.starts_with('/') {
            return Ok(Self { address: Address::Unix(path.into()) });
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0) => {
                Ok(Self { address: Address::Tcp(text.to_owned()) })
            }
            _ => Err("host:port or the path of a socket"),
        }
    }
}

/// What it says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Clean,
    Infected(String),
    /// It takes nothing of this size.
    TooLarge,
}

/// Why it says nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ScanError {
    #[error("the virus scanner cannot be reached")]
    Away(#[source] io::Error),
    #[error("the virus scanner takes too long")]
    Late,
    #[error("the virus scanner answers `{0}`")]
    Unclear(String),
    #[error("the file cannot be read")]
    Unread(#[source] io::Error),
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

impl Scanner {
    /// Has it look through what `bytes` gives. An error of `bytes` is never taken for their end.
    pub(crate) async fn scan<S>(&self, bytes: S) -> Result<Verdict, ScanError>
    where
        S: Stream<Item = io::Result<Bytes>> + Send,
    {
        let line = timeout(CONNECT, self.connect()).await.map_err(|_| ScanError::Late)?.map_err(ScanError::Away)?;
        let (reader, mut writer) = tokio::io::split(line);
        let mut answer = pin!(answer(reader));
        let sent = tokio::select! {
            // It has had enough.
            early = &mut answer => return early.and_then(|text| verdict(&text, false)),
            sent = send(&mut writer, bytes) => sent,
        };
        match sent {
            Err(ScanError::Away(error)) => match timeout(PIECE, answer).await {
                Ok(Ok(text)) => verdict(&text, false),
                _ => Err(ScanError::Away(error)),
            },
            Err(error) => Err(error),
            Ok(()) => verdict(&timeout(LOOK, answer).await.map_err(|_| ScanError::Late)??, true),
        }
    }

    async fn connect(&self) -> io::Result<Box<dyn Line>> {
        Ok(match &self.address {
            Address::Tcp(address) => Box::new(TcpStream::connect(address).await?),
            Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    }
}

/// The file in pieces, each after its length; a length of zero ends it.
async fn send<W, S>(line: &mut W, bytes: S) -> Result<(), ScanError>
where
    W: AsyncWrite + Unpin,
    S: Stream<Item = io::Result<Bytes>> + Send,
{
    put(line, b"zINSTREAM\0").await?;
    let mut bytes = pin!(bytes);
    while let Some(piece) = bytes.next().await {
        let piece = piece.map_err(ScanError::Unread)?;
        let length = u32::try_from(piece.len()).map_err(|error| ScanError::Unread(io::Error::other(error)))?;
        if length > 0 {
            put(line, &length.to_be_bytes()).await?;
            put(line, &piece).await?;
        }
    }
    put(line, &[0; 4]).await
}

async fn put<W: AsyncWrite + Unpin>(line: &mut W, bytes: &[u8]) -> Result<(), ScanError> {
    let written = async {
        line.write_all(bytes).await?;
        line.flush().await
    };
    timeout(PIECE, written).await.map_err(|_| ScanError::Late)?.map_err(ScanError::Away)
}

/// What it answers, without the NUL at the end.
async fn answer<R: AsyncRead + Unpin>(line: R) -> Result<String, ScanError> {
    let mut text = Vec::new();
    let mut line = line.take(MAX_ANSWER);
    while !text.ends_with(b"\0") && line.read_buf(&mut text).await.map_err(ScanError::Away)? > 0 {}
    Ok(String::from_utf8_lossy(&text).trim_end_matches(['\0', '\n']).to_owned())
}

/// Reads an answer. Before all was sent, nothing is clean.
fn verdict(answer: &str, whole: bool) -> Result<Verdict, ScanError> {
    let finding = answer.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND"));
    match finding {
        Some(limit) if limit.starts_with("Heuristics.Limits.Exceeded") => Ok(Verdict::TooLarge),
        Some(virus) => Ok(Verdict::Infected(virus.chars().take(MAX_FINDING).collect())),
        None if answer == "stream: OK" && whole => Ok(Verdict::Clean),
        None if answer.contains("size limit exceeded") => Ok(Verdict::TooLarge),
        None => Err(ScanError::Unclear(answer.chars().take(MAX_FINDING).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_hosts_with_ports_or_paths() {
        for good in ["127.0.0.1:3310", "clamav:3310", "[::1]:3310", "/run/clamav/clamd.ctl", "unix:/run/clamd"] {
            assert!(good.parse::<Scanner>().is_ok(), "{good}");
        }
        for bad in ["", "clamav", "clamav:", ":3310", "clamav:0", "clamav:70000", "run/clamd", "unix:run"] {
            assert!(bad.parse::<Scanner>().is_err(), "{bad}");
        }
    }

    #[test]
    fn nothing_but_a_clear_answer_to_all_of_it_is_clean() {
        assert_eq!(verdict("stream: OK", true).unwrap(), Verdict::Clean);
        assert_eq!(verdict("stream: Eicar FOUND", true).unwrap(), Verdict::Infected("Eicar".into()));
        for large in ["INSTREAM size limit exceeded. ERROR", "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND"] {
            assert_eq!(verdict(large, true).unwrap(), Verdict::TooLarge);
        }
        for (unclear, whole) in [
            ("stream: OK", false),
            ("", true),
            ("stream: OK and more", true),
            ("UNKNOWN COMMAND", true),
            ("x: OK", true),
        ] {
            assert!(matches!(verdict(unclear, whole), Err(ScanError::Unclear(_))), "{unclear}");
        }
    }
}
