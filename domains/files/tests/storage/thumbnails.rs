//! Small pictures come with their picture, whoever dies between, and go with it.

use crate::place::{Place, upload};
use chrono::Duration;
use db::TenantScope;
use files::{File, Preset, Thumbnail, ThumbnailError};
use futures_util::StreamExt;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

/// What is left when the worker dies after it has stored the objects and before it has shown them.
const DIED: &str = "UPDATE file_derivatives SET state = 'waiting', content_type = NULL, width = NULL, height = NULL, size_bytes = NULL,
        sha256 = NULL;
    UPDATE blobs SET state = 'pending', size_bytes = 0, expires_at = created_at + interval '24 hours' WHERE derived";

fn picture(format: ImageFormat) -> Vec<u8> {
    let picture: DynamicImage = RgbImage::from_pixel(1_600, 800, Rgb([200, 30, 40])).into();
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn thumbnail(
    place: &Place,
    firm: &TenantScope,
    file: &File,
    preset: Preset,
) -> Result<Thumbnail, ThumbnailError> {
    let file = file.clone();
    place.run(firm, move |tx| files::thumbnail(tx, &file, preset)).await
}

async fn shown(place: &Place, firm: &TenantScope, file: &File, preset: Preset) -> (u32, u32) {
    let thumbnail = thumbnail(place, firm, file, preset).await.unwrap();
    let pieces: Vec<_> = place.store.stream(&thumbnail.readable, None).collect().await;
    let bytes = pieces.into_iter().map(Result::unwrap).collect::<Vec<_>>().concat();
    assert_eq!(thumbnail.size_bytes, i64::try_from(bytes.len()).unwrap());
    let picture = image::load_from_memory(&bytes).unwrap();
    (picture.width(), picture.height())
}

/// A firm with one picture whose small ones are made.
async fn with_a_picture(place: &Place) -> (TenantScope, File) {
    let firm = place.firm(1 << 30).await;
    let file = place.put(&firm, "a.jpg", &picture(ImageFormat::Jpeg)).await.unwrap().file;
    place.work().await;
    assert_eq!(place.objects(), 4);
    (firm, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_gets_small_ones_that_nobody_pays_for() {
    let place = Place::new().await;
    let firm = place.firm(1 << 30).await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let file = place.put(&firm, "a", &picture(format)).await.unwrap().file;
        assert!(matches!(thumbnail(&place, &firm, &file, Preset::Small).await, Err(ThumbnailError::NotYet)));
        let stored = place.stored(&firm).await;
        place.work().await;
        for (preset, size) in [(Preset::Small, (160, 80)), (Preset::Medium, (480, 240)), (Preset::Large, (1_200, 600))]
        {
            assert_eq!(shown(&place, &firm, &file, preset).await, size, "{format:?}");
        }
        assert_eq!(place.stored(&firm).await, stored);
    }
    let text = place.put(&firm, "a.txt", b"no picture").await.unwrap().file;
    assert!(matches!(thumbnail(&place, &firm, &text, Preset::Small).await, Err(ThumbnailError::None)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_drawn_is_tried_once() {
    let place = Place::new().await;
    let firm = place.firm(1 << 30).await;
    let whole = picture(ImageFormat::Png);
    let file = place.put(&firm, "half.png", &whole[..whole.len() / 2]).await.unwrap().file;
    place.work().await;
    for _ in 0..3 {
        place.clock.advance(Duration::hours(1));
        place.work().await;
        assert!(matches!(thumbnail(&place, &firm, &file, Preset::Small).await, Err(ThumbnailError::None)));
    }
    assert_eq!(place.count("SELECT count(*) FROM file_derivatives WHERE state = 'failed' AND object_id IS NULL"), 3);
    assert_eq!(place.count("SELECT count(*) FROM jobs WHERE kind = 'files.draw_thumbnails'"), 0);
    assert_eq!(place.objects(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn small_pictures_go_with_the_bytes_they_were_made_from() {
    let place = Place::new().await;
    let (firm, file) = with_a_picture(&place).await;
    place.sql("UPDATE blobs SET state = 'doomed' WHERE NOT derived");
    place.clock.advance(Duration::minutes(10));
    place.work().await;
    assert_eq!(place.objects(), 0);
    assert_eq!(place.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
    assert!(matches!(thumbnail(&place, &firm, &file, Preset::Small).await, Err(ThumbnailError::None)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_died_leaves_nothing_that_is_not_found() {
    let place = Place::new().await;
    let (firm, file) = with_a_picture(&place).await;
    // Found by the sweeper, the same objects are written again.
    place.sql(DIED);
    place.clock.advance(Duration::minutes(10));
    place.work().await;
    assert_eq!((shown(&place, &firm, &file, Preset::Small).await, place.objects()), ((160, 80), 4));
    // Found only after the objects were given up, others are made.
    place.sql(DIED);
    place.clock.advance(Duration::days(2));
    place.work().await;
    place.clock.advance(Duration::minutes(10));
    place.work().await;
    assert_eq!((shown(&place, &firm, &file, Preset::Small).await, place.objects()), ((160, 80), 4));
    // The picture is deleted before anybody comes again.
    place.sql(DIED);
    place.sql("UPDATE blobs SET state = 'doomed' WHERE state = 'live'");
    place.clock.advance(Duration::minutes(10));
    place.work().await;
    assert_eq!(place.objects(), 0);
    assert_eq!(place.count("SELECT count(*) FROM blobs WHERE state <> 'gone'"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_of_a_small_picture_sent_as_a_file_are_the_firms_own() {
    let place = Place::new().await;
    let (firm, file) = with_a_picture(&place).await;
    let small = thumbnail(&place, &firm, &file, Preset::Small).await.unwrap();
    let pieces: Vec<_> = place.store.stream(&small.readable, None).collect().await;
    let bytes = pieces.into_iter().map(Result::unwrap).collect::<Vec<_>>().concat();
    let before = place.stored(&firm).await.0;
    let own = place.send(&firm, upload("small.jpg"), &bytes).await.unwrap().file;
    assert_eq!(place.stored(&firm).await.0, before + own.size_bytes);
    assert_eq!(
        place.count(&format!(
            "SELECT count(*) FROM blobs WHERE id = '{}' AND derived",
            kernel::ids::Id::uuid(own.blob_id)
        )),
        0
    );
}
