//! Small pictures over HTTP.

use super::{bucket, put};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use std::io::Cursor;
use tests::{Answer, Client, TestApp};

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture: DynamicImage = RgbImage::from_pixel(width, height, Rgb([200, 30, 40])).into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// A whole PNG whose header claims 50,000 by 50,000 pixels.
fn bomb() -> Vec<u8> {
    let mut bytes = png(2, 2);
    bytes[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
    bytes[29..33].copy_from_slice(&0xc4cd_aa9d_u32.to_be_bytes());
    bytes
}

async fn thumbnail(client: &Client, file: &Value, query: &str) -> Answer {
    client.get(format!("/v1/files/{}/thumbnail{query}", file["id"].as_str().unwrap())).send().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_shown_small_once_the_worker_has_made_it() {
    let app = TestApp::start().await;
    let (firm, other) = app.two_firms().await;
    bucket(&firm.owner, "docs", &[]).await;
    let file = put(&firm.owner, "docs/a.png", Some("image/png"), png(900, 300)).ok().await;
    let early = thumbnail(&firm.owner, &file, "").await;
    early.problem(409, "thumbnail_not_ready");
    assert_eq!(early.header("retry-after"), "2");
    app.run_jobs().await;
    for (query, width, height) in
        [("", 480, 160), ("?preset=small", 160, 53), ("?preset=medium", 480, 160), ("?preset=large", 900, 300)]
    {
        let small = thumbnail(&firm.owner, &file, query).await;
        assert_eq!((small.status, small.header("content-type")), (200, "image/jpeg"), "{query}");
        assert_eq!(small.header("cache-control"), "private, no-cache");
        assert_eq!(small.header("x-content-type-options"), "nosniff");
        let picture = image::load_from_memory(&small.body).unwrap();
        assert_eq!((picture.width(), picture.height()), (width, height), "{query}");
        let again = firm.owner.get(format!("/v1/files/{}/thumbnail{query}", file["id"].as_str().unwrap()));
        let again = again.header("if-none-match", small.header("etag")).send().await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{query}");
    }
    thumbnail(&firm.owner, &file, "?preset=1200").await.problem(422, "validation_failed");
    thumbnail(&other.owner, &file, "").await.problem(404, "not_found");
    app.visitor()
        .get(format!("/v1/files/{}/thumbnail", file["id"].as_str().unwrap()))
        .send()
        .await
        .problem(401, "unauthenticated");
    assert_eq!(firm.owner.get("/v1/storage/usage").ok().await["quota"]["used"], file["size_bytes"]);
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_version_has_small_pictures_of_its_own() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    let file = put(&firm.owner, "docs/a.png", None, png(900, 300)).ok().await;
    app.run_jobs().await;
    let first = thumbnail(&firm.owner, &file, "?preset=small").await;
    put(&firm.owner, "docs/a.png", None, png(300, 900)).ok().await;
    thumbnail(&firm.owner, &file, "?preset=small").await.problem(409, "thumbnail_not_ready");
    app.run_jobs().await;
    let second = thumbnail(&firm.owner, &file, "?preset=small").await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.header("etag"), second.header("etag"));
    put(&firm.owner, "docs/a.png", None, "a text instead").ok().await;
    thumbnail(&firm.owner, &file, "?preset=small").await.problem(404, "no_thumbnail");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_and_broken_pictures_have_none_and_are_not_tried_for_ever() {
    let app = TestApp::start().await;
    let firm = app.firm("tea").await;
    bucket(&firm.owner, "docs", &[]).await;
    let whole = png(600, 600);
    let bodies =
        [("bomb.png", bomb()), ("half.png", whole[..whole.len() / 2].to_vec()), ("note.txt", b"a note".to_vec())];
    for (name, body) in bodies {
        let file = put(&firm.owner, &format!("docs/{name}"), None, body).ok().await;
        app.run_jobs().await;
        thumbnail(&firm.owner, &file, "").await.problem(404, "no_thumbnail");
    }
    assert_eq!(app.count("SELECT count(*) FROM file_derivatives WHERE state = 'failed'"), 6);
    app.pass(chrono::Duration::hours(1)).await;
    assert_eq!(app.count("SELECT count(*) FROM jobs WHERE kind = 'files.draw_thumbnails'"), 0);
}
