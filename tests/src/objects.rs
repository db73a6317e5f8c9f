//! One S3 server for the whole test binary, one bucket for each test.

use object_store::{Config, ObjectStore};
use std::{
    path::PathBuf,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};
use test_cluster::OutsideStore;

/// Access key of the server.
const ACCESS_KEY: &str = "testaccess";
/// Secret key of the server.
const SECRET_KEY: &str = "testsecrettestsecret";

static STORE: OnceLock<OutsideStore> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The server: the one that the environment names, or one of our own. That lives on a thread of its own, since each test's
/// runtime ends with the test.
pub fn store() -> &'static OutsideStore {
    STORE.get_or_init(|| OutsideStore::named().unwrap_or_else(start))
}

fn start() -> OutsideStore {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("runtime");
        runtime.block_on(async move {
            let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../target/test-clusters")
                .join(std::process::id().to_string())
                .join("objects");
            let listen = ([127, 0, 0, 1], 0).into();
            let (access_key, secret_key) = (ACCESS_KEY.to_owned(), SECRET_KEY.to_owned());
            let config = Config { root, listen, access_key, secret_key, fsync: false };
            let store = ObjectStore::start(config).await.expect("S3 server");
            tell.send(store.endpoint()).expect("somebody waits");
            std::future::pending::<()>().await;
        });
    });
    let endpoint = told.recv().expect("S3 server starts");
    OutsideStore {
        address: endpoint.trim_start_matches("http://").to_owned(),
        region: ObjectStore::region().to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
    }
}

/// A bucket name nobody else uses.
pub(crate) fn next_bucket() -> String {
    format!("test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
