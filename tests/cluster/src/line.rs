//! The line between the platform and its object store, which can be cut and do worse.

use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

/// What a store says that has too much to do.
const BUSY: &str = "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: 38\r\nConnection: close\r\n\r\n\
    <Error><Code>SlowDown</Code></Error>\r\n";

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Whole,
    Cut,
    Busy,
    Short(usize),
    Changed(usize),
}

/// A relay that passes everything on until it is told otherwise, and again once it is mended.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    condition: Arc<watch::Sender<Condition>>,
    _tasks: JoinSet<()>,
}

impl Line {
    /// A line to a server.
    pub async fn to(server: String) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let condition = Arc::new(watch::Sender::new(Condition::Whole));
        let mut tasks = JoinSet::new();
        let state = Arc::clone(&condition);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, server.clone(), state.subscribe()));
            }
        });
        Ok(Self { address, condition, _tasks: tasks })
    }

    /// Where it begins.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks every connection and refuses new ones.
    pub fn cut(&self) {
        self.turn(Condition::Cut);
    }

    /// Answers everything as a store that has too much to do.
    pub fn refuse(&self) {
        self.turn(Condition::Busy);
    }

    /// Lets so many bytes of each connection's answers through, and breaks it.
    pub fn shorten(&self, bytes: usize) {
        self.turn(Condition::Short(bytes));
    }

    /// Changes the byte of each connection's answers that comes after so many.
    pub fn change(&self, after: usize) {
        self.turn(Condition::Changed(after));
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        self.turn(Condition::Whole);
    }

    /// Connections that were made before break.
    fn turn(&self, condition: Condition) {
        self.condition.send_replace(condition);
    }
}

/// Whoever breaks off, the other side sees it.
async fn pass(client: TcpStream, server: String, mut condition: watch::Receiver<Condition>) {
    let now = *condition.borrow_and_update();
    tokio::select! {
        _ = relay(client, server, now) => {}
        _ = condition.changed() => {}
    }
}

async fn relay(mut client: TcpStream, server: String, condition: Condition) -> io::Result<()> {
    client.set_nodelay(true)?;
    match condition {
        Condition::Cut => return Ok(()),
        Condition::Busy => return refuse(client).await,
        Condition::Whole | Condition::Short(_) | Condition::Changed(_) => {}
    }
    let mut server = TcpStream::connect(server).await?;
    server.set_nodelay(true)?;
    if condition == Condition::Whole {
        return tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop);
    }
    let ((mut said, hears), (answers, mut asked)) = (client.into_split(), server.into_split());
    tokio::select! {
        copied = tokio::io::copy(&mut said, &mut asked) => copied.map(drop),
        spoiled = spoil(answers, hears, condition) => spoiled,
    }
}

/// Reads what is asked, which may be long, and answers all of it at once.
async fn refuse(mut client: TcpStream) -> io::Result<()> {
    let mut said = vec![0; 65_536];
    if client.read(&mut said).await? > 0 {
        client.write_all(BUSY.as_bytes()).await?;
        client.shutdown().await?;
        while client.read(&mut said).await? > 0 {}
    }
    Ok(())
}

async fn spoil(mut answers: OwnedReadHalf, mut hears: OwnedWriteHalf, condition: Condition) -> io::Result<()> {
    let (mut passed, mut piece) = (0, vec![0; 65_536]);
    loop {
        let mut length = answers.read(&mut piece).await?;
        if length == 0 {
            return hears.shutdown().await;
        }
        match condition {
            Condition::Short(bytes) => length = length.min(bytes - passed),
            Condition::Changed(after) if (passed..passed + length).contains(&after) => piece[after - passed] ^= 1,
            _ => {}
        }
        hears.write_all(&piece[..length]).await?;
        passed += length;
        if condition == Condition::Short(passed) {
            return Ok(());
        }
    }
}
