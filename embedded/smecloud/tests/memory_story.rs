//! Everything in one process, the object store included, stores and serves large files in little memory.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking, in its tools too")]

mod stage;

use serde_json::json;
use stage::{House, Person};
use tests::Heavy;

/// What the process may have at its peak.
const LIMIT_MEGABYTES: u64 = 250;

/// Most memory that the program had at once, in MB: the only child of this process. PostgreSQL's processes are the program's.
fn peak_megabytes() -> u64 {
    let ours = format!("PPid:\t{}\n", std::process::id());
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| Some(entry.ok()?.path().join("status")));
    let status = processes.filter_map(|path| std::fs::read_to_string(path).ok()).find(|status| status.contains(&ours));
    let status = status.unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024 / 1_000_000
}

async fn pass_through_little_memory(megabytes: usize) {
    let house = tokio::task::spawn_blocking(House::start).await.unwrap();
    let seller = Person::new(&house, "seller").await;
    seller.ok("POST", "/v1/buckets", Some(json!({ "name": "docs" }))).await;
    let heavy = Heavy::new(&house.address().await, &seller.token, megabytes);
    heavy.send(10).await;
    let uploads = peak_megabytes();
    heavy.read(10).await;
    let downloads = peak_megabytes();
    println!("10 files of {megabytes} MB at once: {uploads} MB in, {downloads} MB out");
    assert!(downloads < LIMIT_MEGABYTES, "{uploads} MB in, {downloads} MB out");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_large_files_at_once_pass_the_whole_house_in_little_memory() {
    pass_through_little_memory(40).await;
}

/// For `make soak`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a long run, for make soak"]
async fn soak_ten_files_of_300_mb_pass_the_whole_house_in_little_memory() {
    pass_through_little_memory(300).await;
}
