//! Folders that are downloaded as ZIP archives.

use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{Cursor, Read, Write},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tests::{Answer, Firm, TestApp, VirusScanner, eicar};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const DOCS: &str = "/v1/buckets/docs/archive";

async fn firm_with(app: &TestApp, files: &[(&str, &[u8])]) -> Firm {
    let firm = app.firm("tea").await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    for (path, content) in files {
        put(&firm, path, content).await;
    }
    firm
}

async fn put(firm: &Firm, path: &str, content: &[u8]) {
    let place = format!("/v1/buckets/docs/files/{path}");
    firm.owner.request(Method::PUT, place).bytes(content.to_vec()).ok().await;
}

async fn egress(firm: &Firm) -> u64 {
    firm.owner.get("/v1/storage/usage").ok().await["egress_bytes"].as_u64().unwrap()
}

/// What is in an archive, by name.
fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut read = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
    let entries = (0..read.len()).map(|number| {
        let (mut entry, mut content) = (read.by_index(number).unwrap(), Vec::new());
        entry.read_to_end(&mut content).unwrap();
        (entry.name().unwrap().into_owned(), content)
    });
    entries.collect()
}

/// What Python finds: names, sizes and times, all sums compared; nothing where there is no Python.
fn python(archive: &[u8]) -> Option<Value> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(archive).unwrap();
    let script = "import json, sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
                  print(json.dumps([[i.filename, i.file_size, list(i.date_time)] for i in z.infolist()]))";
    let output = Command::new("python3").args(["-B", "-c", script]).arg(file.path()).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn contents(files: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    files.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_comes_as_an_archive_that_others_can_read() {
    let app = TestApp::start().await;
    let large = vec![7; 300_000];
    let files: [(&str, &[u8]); 5] = [
        ("合同/2026/一.txt", b"tea"),
        ("合同/2026/empty", b""),
        ("合同/2026/sub/large.bin", &large),
        ("合同/2025.txt", b"old"),
        ("合同2", b"beside"),
    ];
    let firm = firm_with(&app, &files).await;
    let folder = firm.owner.get(format!("{DOCS}?prefix=%E5%90%88%E5%90%8C/2026")).send().await;
    assert_eq!(
        ["content-type", "content-disposition", "x-content-type-options", "cache-control"]
            .map(|name| folder.header(name)),
        ["application/zip", "attachment; filename=\"2026.zip\"; filename*=UTF-8''2026.zip", "nosniff", "no-store"]
    );
    assert_eq!(unpacked(&folder.body), contents(&[("一.txt", b"tea"), ("empty", b""), ("sub/large.bin", &large)]));
    let time = [2026, 11, 2, 2, 0, 0];
    let expected = json!([["empty", 0, time], ["sub/large.bin", 300_000, time], ["一.txt", 3, time]]);
    assert_eq!(python(&folder.body).unwrap_or_else(|| expected.clone()), expected);
    assert_eq!(egress(&firm).await, folder.body.len() as u64);

    let slash = firm.owner.get(format!("{DOCS}?prefix=%E5%90%88%E5%90%8C/")).send().await;
    assert!(slash.header("content-disposition").ends_with("filename*=UTF-8''%E5%90%88%E5%90%8C.zip"));
    assert_eq!(unpacked(&slash.body).len(), 4);
    let whole = firm.owner.get(DOCS).send().await;
    assert!(whole.header("content-disposition").contains("\"docs.zip\""));
    assert_eq!(unpacked(&whole.body), contents(&files));
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_folder_is_not_found() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    firm.owner.get(DOCS).send().await.problem(404, "not_found");
    put(&firm, "a/b.txt", b"tea").await;
    for query in ["prefix=b", "prefix=a/b.txt", "prefix=..", "prefix=a/..", "prefix=/", "prefix=a//"] {
        firm.owner.get(format!("{DOCS}?{query}")).send().await.problem(404, "not_found");
    }
    firm.owner.get(format!("{DOCS}?folder=a")).send().await.problem(422, "validation_failed");
    for address in [DOCS, "/v1/buckets/none/archive"] {
        other.owner.get(address).send().await.problem(404, "not_found");
    }
    firm.owner.delete("/v1/buckets/docs/files/a/b.txt").ok().await;
    firm.owner.get(format!("{DOCS}?prefix=a")).send().await.problem(404, "not_found");
    assert_eq!(egress(&firm).await, 0);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_nobody_may_read_are_named_instead() {
    let scanner = VirusScanner::start().await;
    let app = TestApp::start_with(&[("CLAMD_ADDR", &scanner.address)]).await;
    let sick = eicar();
    let firm =
        firm_with(&app, &[("_skipped.txt", b"mine"), ("clean.txt", b"tea"), ("sick.txt", sick.as_bytes())]).await;
    app.run_jobs().await;
    put(&firm, "waits.txt", b"soon").await;
    let answer: Answer = firm.owner.get(DOCS).send().await;
    let list = b"quarantined\tsick.txt\nbeing_scanned\twaits.txt\n";
    let expected: [(&str, &[u8]); 3] = [("_skipped.txt", b"mine"), ("clean.txt", b"tea"), ("_skipped-2.txt", list)];
    assert_eq!(unpacked(&answer.body), contents(&expected));
    app.run_jobs().await;
}

/// A line from the object store that breaks, and stays broken, once so many bytes have come.
struct Line {
    address: String,
    left: Arc<AtomicI64>,
}

impl Line {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, left) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicI64::new(i64::MAX)));
        let budget = Arc::clone(&left);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server.clone(), Arc::clone(&budget)));
            }
        });
        Self { address, left }
    }
}

async fn pass(client: TcpStream, server: String, left: Arc<AtomicI64>) {
    let server = TcpStream::connect(server).await.unwrap();
    let ((mut asks, mut hears), (mut answers, mut told)) = (client.into_split(), server.into_split());
    let down = async {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = answers.read(&mut buffer).await {
            let length_left = i64::try_from(length).unwrap();
            if left.fetch_sub(length_left, Ordering::SeqCst) < length_left
                || hears.write_all(&buffer[..length]).await.is_err()
            {
                return;
            }
        }
    };
    tokio::select! {
        () = down => {}
        _ = tokio::io::copy(&mut asks, &mut told) => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_cannot_be_made_whole_breaks_off() {
    let line = Line::to(tests::objects().address.clone()).await;
    let app = TestApp::start_with(&[("S3_ENDPOINT", &format!("http://{}", line.address))]).await;
    let (small, large) = (vec![1; 1 << 20], vec![2; 8 << 20]);
    let firm = firm_with(&app, &[("a", &small), ("b", &large), ("c", b"never reached")]).await;
    line.left.store(4 << 20, Ordering::SeqCst);
    let url = format!("{}{DOCS}", firm.owner.base());
    let request = reqwest::Client::new().get(url).bearer_auth(firm.owner.token().unwrap());
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut came = 0;
    let end = loop {
        match answer.chunk().await {
            Ok(Some(piece)) => came += piece.len() as u64,
            end => break end,
        }
    };
    assert!(end.is_err(), "the answer has an end after {came} bytes");
    assert!(came > small.len() as u64, "{came}");
    let sent = egress(&firm).await;
    assert!((came..5 << 20).contains(&sent), "{sent} of {came}");
    firm.owner.get(DOCS).send().await.problem(503, "storage_unavailable");
    line.left.store(i64::MAX, Ordering::SeqCst);
    let whole = firm.owner.get(DOCS).send().await;
    assert_eq!(unpacked(&whole.body), contents(&[("a", &small), ("b", &large), ("c", b"never reached")]));
    assert_eq!(egress(&firm).await, sent + whole.body.len() as u64);
    app.run_jobs().await;
}
