//! A virus scanner that speaks `clamd`'s protocol and knows one virus. With `TEST_CLAMD_ADDR` set, tests ask a real one instead.

use std::path::Path;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, UnixListener},
    task::JoinHandle,
};

/// Bytes of the largest file it takes.
const STREAM_MAX_LENGTH: usize = 1 << 20;

/// The file that every scanner takes for a virus; in two halves, so that none takes this one for it.
pub fn eicar() -> String {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-", "STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat()
}

/// A running scanner.
#[derive(Debug)]
pub struct VirusScanner {
    /// What `CLAMD_ADDR` is set to.
    pub address: String,
    task: Option<JoinHandle<()>>,
}

impl VirusScanner {
    /// On a port of its own, or the real one.
    pub async fn start() -> Self {
        if let Ok(address) = std::env::var("TEST_CLAMD_ADDR") {
            return Self { address, task: None };
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let task = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(serve(line));
            }
        });
        Self { address, task: Some(task) }
    }

    /// At a socket on this machine.
    pub fn at(socket: &Path) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket");
        let address = socket.to_str().expect("a path").to_owned();
        let task = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(serve(line));
            }
        });
        Self { address, task: Some(task) }
    }

    /// At a socket on this machine, where it takes every file and hangs up without a word.
    pub fn mute(socket: &Path) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket");
        let address = socket.to_str().expect("a path").to_owned();
        let task = tokio::spawn(async move {
            while let Ok((mut line, _)) = listener.accept().await {
                let _ = line.read(&mut [0; 64]).await;
            }
        });
        Self { address, task: Some(task) }
    }
}

impl Drop for VirusScanner {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn serve<L: AsyncRead + AsyncWrite + Unpin>(mut line: L) {
    let mut command = Vec::new();
    while command.last() != Some(&0) {
        match line.read_u8().await {
            Ok(byte) => command.push(byte),
            Err(_) => return,
        }
    }
    let answer = match &command[..] {
        b"zINSTREAM\0" => look(&mut line).await,
        _ => Some("UNKNOWN COMMAND\0"),
    };
    if let Some(answer) = answer {
        // Whoever asked may have gone.
        let _ = line.write_all(answer.as_bytes()).await;
    }
}

async fn look<L: AsyncRead + Unpin>(line: &mut L) -> Option<&'static str> {
    let (mut file, virus) = (Vec::new(), eicar());
    loop {
        let length = usize::try_from(line.read_u32().await.ok()?).ok()?;
        if length == 0 {
            let found = file.windows(virus.len()).any(|window| window == virus.as_bytes());
            return Some(if found { "stream: Eicar-Test-Signature FOUND\0" } else { "stream: OK\0" });
        }
        if file.len() + length > STREAM_MAX_LENGTH {
            return Some("INSTREAM size limit exceeded. ERROR\0");
        }
        let from = file.len();
        file.resize(from + length, 0);
        line.read_exact(&mut file[from..]).await.ok()?;
    }
}
