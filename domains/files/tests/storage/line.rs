//! The line between the platform and its object store, which can be cut.

use std::sync::Arc;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

/// A relay that passes everything on until it is cut, and again once it is mended.
pub(crate) struct Line {
    pub(crate) address: String,
    whole: Arc<watch::Sender<bool>>,
    _tasks: JoinSet<()>,
}

impl Line {
    /// A line to a server.
    pub(crate) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let whole = Arc::new(watch::Sender::new(true));
        let mut tasks = JoinSet::new();
        let state = Arc::clone(&whole);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass(client, server.clone(), state.subscribe()));
            }
        });
        Self { address, whole, _tasks: tasks }
    }

    /// Breaks every connection and refuses new ones.
    pub(crate) fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets new connections through again.
    pub(crate) fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn pass(mut client: TcpStream, server: String, mut whole: watch::Receiver<bool>) {
    if !*whole.borrow_and_update() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    tokio::select! {
        // Whoever broke off, the other side sees it.
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = whole.wait_for(|whole| !whole) => {}
    }
}
