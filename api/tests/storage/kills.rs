//! `kill -9` of the API in the middle of fifty uploads: what was acknowledged stands, what was not is absent or whole, and nothing is
//! held for what will never come.

use super::{stage, start};
use rand::{Rng, SeedableRng, rngs::StdRng};
use reqwest::Method;
use serde_json::json;
use tests::{Client, TestApp, noise, sha256};
use tokio::sync::mpsc;

const UPLOADS: usize = 50;

/// An upload: its path, and the SHA-256 of its bytes.
#[derive(Debug, Clone)]
struct Sent {
    path: String,
    sha256: String,
}

/// How the bytes come.
#[derive(Debug, Clone, Copy)]
enum Way {
    Streamed,
    Presigned,
    Resumable,
}

/// Uploads of all kinds and sizes, parts included.
fn uploads(round: usize, random: &mut StdRng) -> Vec<(Way, String, Vec<u8>)> {
    let upload = |number: usize| {
        let way = [Way::Streamed, Way::Streamed, Way::Presigned, Way::Resumable, Way::Streamed][number % 5];
        let largest = if number.is_multiple_of(10) { 7_000_000 } else { 200_000 };
        let mut body = noise(random.random_range(1_000..largest));
        body[..8].copy_from_slice(&(round * UPLOADS + number).to_be_bytes());
        (way, format!("{round}/{number}"), body)
    };
    (0..UPLOADS).map(upload).collect()
}

/// Sends one; `None` if no answer came, or none that acknowledges it.
async fn send(client: Client, way: Way, path: String, body: Vec<u8>) -> Option<()> {
    let file = match way {
        Way::Streamed => {
            let url = format!("/v1/buckets/docs/files/{path}");
            client.request(Method::PUT, url).bytes(body).try_send().await.ok()?
        }
        Way::Presigned => {
            let declared =
                json!({ "path": path, "size_bytes": body.len(), "content_type": "application/octet-stream" });
            let told = client.post("/v1/buckets/docs/uploads", declared).try_send().await.ok()?.value();
            let mut put = reqwest::Client::new().put(told["url"].as_str()?).body(body);
            for (name, value) in told["headers"].as_object()? {
                put = put.header(name, value.as_str()?);
            }
            assert!(put.send().await.unwrap().status().is_success());
            let complete = format!("/v1/buckets/docs/uploads/{}/complete", told["upload_id"].as_str()?);
            client.request(Method::POST, complete).try_send().await.ok()?
        }
        Way::Resumable => {
            let create = client.request(Method::POST, "/v1/tus").header("tus-resumable", "1.0.0");
            let create = create.header("upload-length", &body.len().to_string());
            let create = create.header("upload-metadata", &tests::tus_metadata("docs", &path));
            let begun = create.try_send().await.ok()?.header("location").to_owned();
            let piece = client.request(Method::PATCH, begun).header("tus-resumable", "1.0.0");
            let piece = piece.header("upload-offset", "0").header("content-type", "application/offset+octet-stream");
            piece.bytes(body).try_send().await.ok()?
        }
    };
    (file.status < 300).then_some(())
}

/// Sends all at once and kills the process at the acknowledgement of this number; returns those that were acknowledged, and
/// those that were not.
async fn killed_at(app: &TestApp, client: &Client, round: usize, random: &mut StdRng) -> (Vec<Sent>, Vec<Sent>) {
    let api = start(app);
    let client = api.client(client);
    let (acks, mut acked) = mpsc::unbounded_channel();
    let tasks: Vec<_> = uploads(round, random)
        .into_iter()
        .map(|(way, path, body)| {
            let (client, acks) = (client.clone(), acks.clone());
            tokio::spawn(async move {
                let sent = Sent { path: path.clone(), sha256: sha256(&body) };
                let done = send(client, way, path, body).await.is_some();
                if done {
                    let _ = acks.send(());
                }
                (sent, done)
            })
        })
        .collect();
    for _ in 0..random.random_range(1..UPLOADS - 10) {
        acked.recv().await.unwrap();
    }
    api.kill();
    let (mut stored, mut lost) = (Vec::new(), Vec::new());
    for task in tasks {
        let (sent, done) = task.await.unwrap();
        if done { stored.push(sent) } else { lost.push(sent) }
    }
    assert!(!stored.is_empty() && !lost.is_empty(), "the kill came before or after everything");
    (stored, lost)
}

async fn read(client: &Client, sent: &Sent) -> Option<String> {
    let answer = client.get(format!("/v1/buckets/docs/files/{}", sent.path)).send().await;
    if answer.status == 404 {
        return None;
    }
    assert_eq!(answer.status, 200, "{sent:?}: {}", answer.text());
    Some(sha256(&answer.body))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_killed_in_the_middle_of_fifty_uploads_loses_nothing_acknowledged() {
    let (app, firm) = stage().await;
    let mut random = StdRng::seed_from_u64(20_261_125);
    let mut stored = Vec::new();
    for round in 0..3 {
        let (acknowledged, lost) = killed_at(&app, &firm.owner, round, &mut random).await;
        let api = start(&app);
        let client = api.client(&firm.owner);
        for sent in &lost {
            let found = read(&client, sent).await;
            assert!(found.is_none_or(|found| found == sent.sha256), "{sent:?} is there, but not whole");
        }
        stored.extend(acknowledged);
        for sent in &stored {
            assert_eq!(read(&client, sent).await.as_ref(), Some(&sent.sha256), "{sent:?}");
        }
    }
    // What was under way is given up after a day.
    for _ in 0..4 {
        app.pass(chrono::Duration::hours(13)).await;
    }
    let firm = app.signed_in_again(&firm).await;
    app.storage_is_settled().await;
    for sent in &stored {
        assert_eq!(read(&firm.owner, sent).await.as_ref(), Some(&sent.sha256), "{sent:?}");
    }
}
