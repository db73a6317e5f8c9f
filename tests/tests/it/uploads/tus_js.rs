//! The official JavaScript client of tus, through a line that breaks.

use super::{firm_with_docs, noise, tus::read};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    io,
    io::Write,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};
use tests::TestApp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    process::Command,
};

const SIZE: usize = 200_000_000;
/// The line breaks once so many bytes have passed.
const BREAKS: [u64; 3] = [30_000_000, 95_000_001, 160_000_000];

/// A line to the API that breaks at [`BREAKS`].
struct Line {
    address: SocketAddr,
    broken: Arc<AtomicUsize>,
}

impl Line {
    async fn to(api: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, broken) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let (count, passed) = (Arc::clone(&broken), Arc::new(AtomicU64::new(0)));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (api, count, passed) = (api.clone(), Arc::clone(&count), Arc::clone(&passed));
                tokio::spawn(async move { carry(client, &api, &count, &passed).await });
            }
        });
        Self { address, broken }
    }
}

/// Carries a connection's bytes both ways until it ends or breaks.
async fn carry(client: TcpStream, api: &str, broken: &AtomicUsize, passed: &AtomicU64) -> io::Result<()> {
    let server = TcpStream::connect(api).await?;
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let up = async {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = from_client.read(&mut buffer).await?;
            if length == 0 {
                return to_server.shutdown().await;
            }
            let total = passed.fetch_add(length as u64, Ordering::SeqCst) + length as u64;
            let next = broken.load(Ordering::SeqCst);
            if BREAKS.get(next).is_some_and(|at| total >= *at) {
                broken.fetch_add(1, Ordering::SeqCst);
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            to_server.write_all(&buffer[..length]).await?;
        }
    };
    let down = async { tokio::io::copy(&mut from_server, &mut to_client).await.map(drop) };
    tokio::try_join!(up, down).map(drop)
}

fn client() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("clients/tus_upload.mjs")
}

#[tokio::test(flavor = "multi_thread")]
async fn tus_js_client_brings_two_hundred_megabytes_through_three_breaks() {
    let app = TestApp::start().await;
    let firm = firm_with_docs(&app).await;
    let line = Line::to(firm.owner.base().trim_start_matches("http://").to_owned()).await;
    let (mut file, block) = (tempfile::NamedTempFile::new().unwrap(), noise((1 << 20) + 7));
    let mut hash = Sha256::new();
    let mut left = SIZE;
    while left > 0 {
        let bytes = &block[..block.len().min(left)];
        file.write_all(bytes).unwrap();
        hash.update(bytes);
        left -= bytes.len();
    }
    let output = Command::new("node")
        .arg(client())
        .arg(format!("http://{}/v1/tus", line.address))
        .arg(firm.owner.token().unwrap())
        .arg(file.path())
        .args(["docs", "录像.bin"])
        .kill_on_drop(true)
        .output()
        .await
        .expect("node runs: `make setup` installs it");
    let (told, complaints) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the client failed (`make setup` installs it): {told}{complaints}");
    let told: Value = serde_json::from_str(told.trim()).unwrap();
    assert_eq!(line.broken.load(Ordering::SeqCst), 3, "the line broke three times");
    assert!(told["retries"].as_u64().unwrap() >= 3, "{told}");
    let stored = firm.owner.get(told["file"].as_str().unwrap()).ok().await;
    let expected = hex::encode(hash.finalize());
    assert_eq!((&stored["sha256"], stored["size_bytes"].as_u64()), (&expected.clone().into(), Some(SIZE as u64)));
    let body = read(&firm, "%E5%BD%95%E5%83%8F.bin").await.body;
    assert_eq!(hex::encode(Sha256::digest(&body)), expected);
    app.run_jobs().await;
}
