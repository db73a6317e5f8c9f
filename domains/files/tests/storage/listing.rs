//! Folders, prefixes, searches and pages.

use crate::place::{BUCKET, Place};
use db::TenantScope;
use files::{Entry, FileError, ListFiles};
use kernel::pages::{Page, PageRequest};

const PATHS: [&str; 6] = ["a.txt", "合同/2026/一.pdf", "合同/2026/二.PDF", "合同/说明.txt", "茶/图.png", "z"];

async fn page(
    place: &Place,
    firm: &TenantScope,
    wanted: ListFiles,
    request: PageRequest<String>,
) -> Page<String, String> {
    let name = |entry| match entry {
        Entry::File(file) => file.path,
        Entry::Folder(path) => format!("{path}*"),
    };
    place.run(firm, move |tx| files::list_files(tx, &wanted, &request)).await.unwrap().map(name)
}

async fn all(place: &Place, firm: &TenantScope, prefix: &str, folders: bool, search: Option<&str>) -> Vec<String> {
    let wanted = ListFiles::new(BUCKET.to_owned(), prefix, folders, search);
    page(place, firm, wanted, PageRequest::default()).await.data
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_shown_as_folders_and_files() {
    let place = Place::new().await;
    let (firm, other) = (place.firm(1_000).await, place.firm(1_000).await);
    for path in PATHS {
        place.put(&firm, path, b"x").await.unwrap();
    }
    place.put(&firm, "z.old", b"x").await.unwrap();
    place.delete(&firm, "z.old").await;
    place.put(&other, "theirs", b"x").await.unwrap();
    assert_eq!(all(&place, &firm, "", false, None).await.len(), 6);
    assert_eq!(all(&place, &firm, "", true, None).await, ["a.txt", "z", "合同/*", "茶/*"]);
    assert_eq!(all(&place, &firm, "合同/", true, None).await, ["合同/2026/*", "合同/说明.txt"]);
    assert_eq!(all(&place, &firm, "合同/2026/", true, None).await, ["合同/2026/一.pdf", "合同/2026/二.PDF"]);
    assert_eq!(all(&place, &firm, "合同/2", true, None).await, ["合同/2026/*"]);
    assert_eq!(all(&place, &firm, "", false, Some("pdf")).await.len(), 2);
    assert_eq!(all(&place, &firm, "", false, Some("说明")).await, ["合同/说明.txt"]);
    assert_eq!(all(&place, &firm, "", false, Some("%")).await, [""; 0]);
    let none = ListFiles::new("nothing".to_owned(), "", false, None);
    let missing = place.run(&firm, move |tx| files::list_files(tx, &none, &PageRequest::default())).await;
    assert!(matches!(missing, Err(FileError::NotFound)), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_every_entry_once() {
    let place = Place::new().await;
    let firm = place.firm(1_000).await;
    for path in PATHS {
        place.put(&firm, path, b"x").await.unwrap();
    }
    for (folders, expected) in [(false, 6), (true, 4)] {
        let mut seen = Vec::new();
        let mut after = None;
        loop {
            let wanted = ListFiles::new(BUCKET.to_owned(), "", folders, None);
            let page = page(&place, &firm, wanted, PageRequest { limit: 1, after }).await;
            seen.extend(page.data);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), expected, "{seen:?}");
        assert!(seen.is_sorted(), "{seen:?}");
    }
}
