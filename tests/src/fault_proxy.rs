//! A proxy before PostgreSQL that cuts connections at a COMMIT: whoever waits for its answer never learns what came of it.

use std::{
    io,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::Notify,
    task::JoinHandle,
};

/// COMMIT as a message of the simple protocol: kind, length, text.
const COMMIT: &[u8] = b"Q\0\0\0\x0bCOMMIT\0";

/// Where the connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before the server has heard of COMMIT: nothing is written.
    Before,
    /// As soon as the server has been told: it commits, its answer goes nowhere.
    After,
    /// When the server's answer arrives, which is thrown away.
    Reply,
}

impl Cut {
    /// All places.
    pub const ALL: [Self; 3] = [Self::Before, Self::After, Self::Reply];
}

#[derive(Debug, Default)]
struct State {
    commits: u32,
    armed: Option<(Cut, u32)>,
}

/// The proxy, until it is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    severed: Arc<Notify>,
    task: JoinHandle<()>,
}

impl FaultProxy {
    /// Listens before the server whose socket this is, and passes everything on.
    pub async fn start(socket: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (address, state) = (listener.local_addr()?, Arc::new(Mutex::new(State::default())));
        let (severed, socket) = (Arc::new(Notify::new()), socket.to_owned());
        let (shared, told) = (Arc::clone(&state), Arc::clone(&severed));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (socket, state, severed) = (socket.clone(), Arc::clone(&shared), Arc::clone(&told));
                // A connection that ends by an error is one that somebody has closed.
                tokio::spawn(async move { pass(client, UnixStream::connect(socket).await?, (&state, &severed)).await });
            }
        });
        Ok(Self { address, state, severed, task })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Counts commits from now on.
    pub fn watch(&self) {
        *self.lock() = State::default();
    }

    /// Cuts the connection of the COMMIT of this number, counted from now on and from one.
    pub fn cut(&self, cut: Cut, number: u32) {
        *self.lock() = State { commits: 0, armed: Some((cut, number)) };
    }

    /// Commits seen since the last [`FaultProxy::watch`] or [`FaultProxy::cut`].
    pub fn commits(&self) -> u32 {
        self.lock().commits
    }

    /// Passes everything on again, once the server has done what the cut let it do; tells whether the cut was made.
    pub async fn heal(&self) -> bool {
        let was_made = self.lock().armed.take().is_none();
        if was_made {
            self.severed.notified().await;
        }
        was_made
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes one connection on, both ways, until it ends or is cut.
async fn pass(
    mut client: TcpStream,
    mut server: UnixStream,
    (state, severed): (&Mutex<State>, &Notify),
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (mut said, mut answered) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut said) => match read? {
                0 => return Ok(()),
                length => match judge(state, &said[..length]) {
                    None => server.write_all(&said[..length]).await?,
                    Some(cut) => {
                        let ended = sever(cut, client, server, &said[..length]).await;
                        severed.notify_one();
                        return ended;
                    }
                },
            },
            read = server.read(&mut answered) => match read? {
                0 => return Ok(()),
                length => client.write_all(&answered[..length]).await?,
            },
        }
    }
}

/// What happens to a piece of what the client says. libpq sends COMMIT by itself, since it waits for each answer.
fn judge(state: &Mutex<State>, said: &[u8]) -> Option<Cut> {
    if !said.windows(COMMIT.len()).any(|window| window == COMMIT) {
        return None;
    }
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.commits += 1;
    let (cut, _) = state.armed.filter(|(_, number)| *number == state.commits)?;
    state.armed = None;
    Some(cut)
}

async fn sever(cut: Cut, client: TcpStream, mut server: UnixStream, commit: &[u8]) -> io::Result<()> {
    // The first byte of the answer: the server has committed.
    let mut answer = [0; 1];
    match cut {
        Cut::Before => reset(client),
        Cut::After => {
            server.write_all(commit).await?;
            reset(client)?;
            server.read_exact(&mut answer).await.map(drop)
        }
        Cut::Reply => {
            server.write_all(commit).await?;
            server.read_exact(&mut answer).await?;
            reset(client)
        }
    }
}

/// Closes with RST, as a lost connection looks like.
fn reset(client: TcpStream) -> io::Result<()> {
    client.set_zero_linger()?;
    drop(client);
    Ok(())
}
