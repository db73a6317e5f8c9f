//! `kill -9` of the worker in the middle of its work on files: another takes it up, and all of it is done once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its tools too")]

use chrono::Duration;
use image::{DynamicImage, ImageFormat, RgbImage};
use rand::{Rng, SeedableRng, rngs::StdRng};
use reqwest::Method;
use serde_json::json;
use std::io::Cursor;
use tests::{Firm, TestApp, sha256};

/// The platform with a firm that has the bucket `docs`, some minutes behind the machine's clock, by which the workers live.
async fn stage() -> (TestApp, Firm) {
    let app = TestApp::start().await;
    app.follow_the_machine();
    app.clock.advance(Duration::minutes(-10));
    let firm = app.firm("tea").await;
    firm.owner.post("/v1/buckets", json!({ "name": "docs" })).ok().await;
    app.run_jobs().await;
    (app, firm)
}

/// Lets workers work, one after the other, and kills each as soon as `done` counts so many; returns when the count is `all`.
async fn work_under_kill(app: &TestApp, done: &str, all: i64, random: &mut StdRng) -> u32 {
    let mut kills = 0;
    loop {
        let worker = app.program_process(env!("CARGO_BIN_EXE_worker"));
        let enough = (app.count(done) + random.random_range(1..=all / 4)).min(all);
        while app.count(done) < enough {
            tokio::task::yield_now().await;
        }
        worker.kill();
        // Nobody waits for half a minute here: what the dead worker held is free.
        app.database.sql("UPDATE jobs SET lease_until = clock_timestamp() WHERE state = 'running'");
        if app.count(done) >= all {
            return kills;
        }
        kills += 1;
    }
}

/// A picture that no other number gives.
fn picture(number: u8) -> Vec<u8> {
    let colour = |x: u32, y: u32| image::Rgb([number, x.to_le_bytes()[0], y.to_le_bytes()[0]]);
    let picture: DynamicImage = RgbImage::from_fn(800, 600, colour).into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_it_draws_leaves_every_small_picture_to_another() {
    let (app, firm) = stage().await;
    let mut files = Vec::new();
    for number in 0..12 {
        let path = format!("/v1/buckets/docs/files/{number}.png");
        let stored = firm.owner.request(Method::PUT, &path).bytes(picture(number)).ok().await;
        files.push((path, stored));
    }
    let mut random = StdRng::seed_from_u64(20_261_125);
    let drawn = "SELECT count(*) FROM file_derivatives WHERE state = 'made'";
    let kills = work_under_kill(&app, drawn, 36, &mut random).await;
    assert!(kills > 2, "{kills} kills");
    for (path, stored) in &files {
        let id = stored["id"].as_str().unwrap();
        for preset in ["small", "medium", "large"] {
            let small = firm.owner.get(format!("/v1/files/{id}/thumbnail?preset={preset}")).send().await;
            assert_eq!(small.status, 200, "{path} {preset}");
            image::load_from_memory(&small.body).unwrap();
        }
        assert_eq!(sha256(&firm.owner.get(path).send().await.body), stored["sha256"].as_str().unwrap());
    }
    settle(&app).await;
    assert_eq!(
        app.count("SELECT count(*) FROM blobs WHERE state = 'live'"),
        48,
        "each picture and its three small ones"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_while_it_restores_a_folder_leaves_the_rest_to_another() {
    const FILES: i64 = 300;
    let (app, firm) = stage().await;
    let owner = &firm.owner;
    for number in 0..FILES {
        let path = format!("/v1/buckets/docs/files/2026/{number}.txt");
        owner.request(Method::PUT, path).bytes(format!("right {number}")).ok().await;
    }
    let at = app.now();
    app.clock.advance(Duration::minutes(1));
    for number in 0..FILES {
        let path = format!("/v1/buckets/docs/files/2026/{number}.txt");
        match number % 3 {
            0 => drop(owner.request(Method::PUT, path).bytes(format!("wrong {number}")).ok().await),
            1 => drop(owner.delete(path).ok().await),
            _ => {}
        }
    }
    app.clock.advance(Duration::minutes(1));
    let plan = owner.post("/v1/restore-plans", json!({ "bucket": "docs", "folder": "2026", "at": at })).ok().await;
    assert_eq!(plan["counts"]["total"], json!(200), "{plan}");
    let apply = format!("/v1/restore-plans/{}/apply", plan["id"].as_str().unwrap());
    let job = owner.post(apply, json!({})).ok().await;
    let mut random = StdRng::seed_from_u64(20_261_126);
    let done = "SELECT coalesce(sum(done), 0)::bigint AS count FROM file_jobs";
    let kills = work_under_kill(&app, done, 200, &mut random).await;
    assert!(kills > 0, "{kills} kills");
    app.run_jobs().await;
    let job = owner.get(format!("/v1/storage/jobs/{}", job["id"].as_str().unwrap())).ok().await;
    assert_eq!((&job["state"], &job["done"], &job["conflicts"]), (&json!("done"), &json!(200), &json!([])));
    for number in 0..FILES {
        let read = owner.get(format!("/v1/buckets/docs/files/2026/{number}.txt")).send().await;
        assert_eq!(read.text(), format!("right {number}"));
    }
    settle(&app).await;
}

/// A day and more goes by; then nothing may be left over.
async fn settle(app: &TestApp) {
    for _ in 0..3 {
        app.pass(Duration::hours(13)).await;
    }
    app.storage_is_settled().await;
}
