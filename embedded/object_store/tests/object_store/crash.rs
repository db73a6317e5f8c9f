//! kill -9 at random moments: what was acknowledged stands, what was not is absent or whole.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use object_store::ObjectStore;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use s3::Bucket;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::server::{BUCKET, bytes, client, config, create_bucket, files};

const ROOT: &str = "OBJECT_STORE_CRASH_ROOT";
/// How many kills; a soak run asks for more.
const ROUNDS: &str = "OBJECT_STORE_CRASH_ROUNDS";
const WORKERS: u64 = 6;
const KEYS: u64 = 8;

/// Not a test: the server that gets killed, in a process of its own.
#[test]
#[ignore = "started by kill_minus_nine_loses_nothing"]
fn serve_until_killed() {
    let Ok(root) = std::env::var(ROOT) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = ObjectStore::start(config(Path::new(&root))).await.unwrap();
        writeln!(std::io::stdout(), "\nendpoint={}", store.endpoint()).unwrap();
        std::future::pending::<()>().await;
    });
}

/// Starts the server and returns its endpoint.
async fn spawn(root: &Path) -> (Child, String) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::serve_until_killed", "--ignored", "--nocapture"])
        .env(ROOT, root)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(endpoint) = line.strip_prefix("endpoint=") {
            return (child, endpoint.to_owned());
        }
    }
    panic!("the server did not start");
}

/// What a key may hold: its last acknowledged content, and that of the request cut off by the kill. `None` is absence.
#[derive(Default)]
struct Expected {
    acknowledged: Option<Vec<u8>>,
    pending: Vec<Option<Vec<u8>>>,
}

type Known = BTreeMap<String, Expected>;

/// One random request; it stays pending if no answer comes.
async fn act(bucket: &Bucket, rng: &mut StdRng, key: String, known: &mut Known) -> bool {
    let expected = known.entry(key.clone()).or_default();
    let (answered, content) = match rng.random_range(0..10) {
        0 => {
            expected.pending = vec![None];
            (bucket.delete_object(&key).await.is_ok(), None)
        }
        1 => {
            // Two parts, the second short.
            let mut body = bytes(8 * 1024 * 1024 + rng.random_range(1..1000));
            rng.fill(&mut body[..1000]);
            expected.pending = vec![Some(body.clone())];
            (bucket.put_object_stream(&mut body.as_slice(), &key).await.is_ok(), Some(body))
        }
        _ => {
            let mut body = vec![0; rng.random_range(0..100_000)];
            rng.fill(&mut body[..]);
            expected.pending = vec![Some(body.clone())];
            (bucket.put_object(&key, &body).await.is_ok(), Some(body))
        }
    };
    if answered {
        *expected = Expected { acknowledged: content, pending: Vec::new() };
    }
    answered
}

/// Works until the server is gone.
async fn work(bucket: Box<Bucket>, worker: u64, mut rng: StdRng, mut known: Known, acks: mpsc::Sender<()>) -> Known {
    loop {
        let key = format!("工人{worker}/{}", rng.random_range(0..KEYS));
        if !act(&bucket, &mut rng, key, &mut known).await {
            return known;
        }
        // Once the killer has struck it listens no more.
        let _ = acks.send(()).await;
    }
}

async fn check(bucket: &Bucket, known: &mut Known) {
    for (key, expected) in known {
        let found = match bucket.get_object(key.as_str()).await {
            Ok(answer) => Some(answer.to_vec()),
            Err(s3::error::S3Error::HttpFailWithBody(404, _)) => None,
            Err(error) => panic!("{key}: {error}"),
        };
        let allowed = found == expected.acknowledged || expected.pending.contains(&found);
        assert!(allowed, "{key} holds {:?} bytes", found.map(|found| found.len()));
        *expected = Expected { acknowledged: found, pending: Vec::new() };
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_minus_nine_loses_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut rng = StdRng::seed_from_u64(2026);
    let mut known: Vec<Known> = (0..WORKERS).map(|_| Known::new()).collect();
    let (mut child, mut endpoint) = spawn(root.path()).await;
    create_bucket(&endpoint, BUCKET).await;
    let rounds = std::env::var(ROUNDS).map_or(10, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let (acks, mut acked) = mpsc::channel(1);
        let workers: Vec<_> = (0..WORKERS)
            .zip(std::mem::take(&mut known))
            .map(|(worker, known)| {
                let rng = StdRng::seed_from_u64(round * WORKERS + worker);
                tokio::spawn(work(client(&endpoint, BUCKET), worker, rng, known, acks.clone()))
            })
            .collect();
        // The kill falls into whatever the other workers are doing at that acknowledgement.
        for _ in 0..rng.random_range(1..60) {
            acked.recv().await.unwrap();
        }
        child.kill().await.unwrap();
        drop(acked);
        for worker in workers {
            known.push(worker.await.unwrap());
        }
        (child, endpoint) = spawn(root.path()).await;
        let bucket = client(&endpoint, BUCKET);
        for known in &mut known {
            check(&bucket, known).await;
        }
        let present = known.iter().flat_map(BTreeMap::values).filter(|key| key.acknowledged.is_some()).count();
        let dir = root.path().join("buckets").join(BUCKET);
        assert_eq!(files(&dir.join("objects")).len(), present);
        assert!(files(&dir.join("tmp")).is_empty());
    }
    child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn big_objects_pass_in_little_memory() {
    let root = tempfile::tempdir().unwrap();
    let (mut child, endpoint) = spawn(root.path()).await;
    let bucket = create_bucket(&endpoint, BUCKET).await;
    let body = bytes(128 * 1024 * 1024);
    bucket.put_object("whole", &body).await.unwrap();
    bucket.put_object_stream(&mut body.as_slice(), "in parts").await.unwrap();
    for key in ["whole", "in parts"] {
        assert!(bucket.get_object(key).await.unwrap().as_slice() == body);
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id().unwrap())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 100 * 1024, "{kib} KiB at the peak");
    child.kill().await.unwrap();
}
