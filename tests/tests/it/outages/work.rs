//! In the worker's hands.

use super::{get, is_away, put, settles, stage};
use chrono::Duration;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

fn picture() -> Vec<u8> {
    let picture: DynamicImage = RgbImage::from_pixel(900, 300, Rgb([200, 30, 40])).into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn small_pictures_and_purges_wait_until_the_store_is_back() {
    let (app, firm, line) = stage().await;
    let drawn = put(&firm, "drawn.png", &picture()).await.value();
    app.run_jobs().await;
    let mut other = picture();
    other.extend_from_slice(b"another picture");
    let waiting = put(&firm, "waiting.png", &other).await.value();
    put(&firm, "purged.txt", b"purged").await;
    line.cut();
    firm.owner.delete("/v1/buckets/docs/files/purged.txt").ok().await;
    let trash = firm.owner.get("/v1/trash").ok().await;
    let purge = format!("/v1/trash/{}", trash["data"][0]["id"].as_str().unwrap());
    assert_eq!(firm.owner.delete(purge).send().await.status, 204, "what is told is done; the object follows");
    let failed = app.run_jobs_that_may_fail().await;
    let mut kinds: Vec<_> = failed.iter().map(|(kind, _)| kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["files.delete_doomed_objects", "files.draw_thumbnails"]);
    let small = |id: &serde_json::Value| format!("/v1/files/{}/thumbnail", id["id"].as_str().unwrap());
    is_away(&firm.owner.get(small(&drawn)).send().await);
    firm.owner.get(small(&waiting)).send().await.problem(409, "thumbnail_not_ready");
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state = 'doomed'"), 1);
    line.mend();
    app.pass(Duration::minutes(5)).await;
    assert_eq!(app.count("SELECT count(*) FROM blobs WHERE state = 'doomed'"), 0);
    for file in [&drawn, &waiting] {
        assert_eq!(firm.owner.get(small(file)).send().await.status, 200);
    }
    get(&firm, "purged.txt").await.problem(404, "not_found");
    settles(&app).await;
}
