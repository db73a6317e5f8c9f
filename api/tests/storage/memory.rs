//! Files of any size pass in little memory, however many at once.

use super::{stage, start};
use tests::Heavy;

/// Files at once.
const FILES: u8 = 10;
/// What the whole process may have at its peak.
const LIMIT_MEGABYTES: u64 = 250;

async fn pass_through_little_memory(megabytes: usize) {
    let (app, firm) = stage().await;
    let api = start(&app);
    let client = api.client(&firm.owner);
    let heavy = Heavy::new(client.base(), client.token().unwrap(), megabytes);
    let mut peaks = Vec::new();
    heavy.send(FILES).await;
    peaks.push(("uploads", api.peak_megabytes()));
    heavy.read(FILES).await;
    peaks.push(("downloads", api.peak_megabytes()));
    let unread = heavy.begin_to_read(FILES).await;
    peaks.push(("readers that stopped", api.peak_megabytes()));
    drop(unread);
    heavy.send_resumable(FILES).await;
    peaks.push(("resumable uploads", api.peak_megabytes()));
    println!("{FILES} files of {megabytes} MB at once: {peaks:?}");
    assert!(peaks.iter().all(|(_, peak)| *peak < LIMIT_MEGABYTES), "{peaks:?}");
    app.run_jobs().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_uploads_and_ten_downloads_at_once_need_little_memory() {
    pass_through_little_memory(40).await;
}

/// For `make soak`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a long run, for make soak"]
async fn soak_ten_files_of_300_mb_at_once_need_little_memory() {
    pass_through_little_memory(300).await;
}
