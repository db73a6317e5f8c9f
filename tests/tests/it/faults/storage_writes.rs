//! A request for every operation of the storage that writes, each with something new to write about.

use super::stage::{Ask, GRANITE, Stage, id};
use chrono::Duration;
use kernel::Clock;
use reqwest::Method;
use serde_json::json;
use tests::Client;

pub const STORAGE: &[&str] = &[
    "store_file",
    "delete_file",
    "update_bucket",
    "delete_bucket",
    "update_file",
    "move_file",
    "copy_file",
    "restore_file_version",
    "purge_file_version",
    "restore_file",
    "purge_file",
    "place_file_hold",
    "release_file_hold",
    "move_folder",
    "copy_folder",
    "plan_restore",
    "apply_restore",
    "set_lifecycle",
    "create_upload",
    "complete_upload",
    "abort_upload",
    "issue_download",
    "create_resumable_upload",
    "append_to_resumable_upload",
    "end_resumable_upload",
    "create_share",
    "revoke_share",
    "unlock_share",
    "bring_file",
];
/// A POST because of its body; it changes nothing.
pub const READS: &[&str] = &["preview_lifecycle"];

/// On a bucket or a folder of its own.
pub async fn storage(stage: &Stage, operation: &str) -> Ask {
    let (owner, folder) = (&stage.seller.owner, stage.name("folder"));
    if operation.ends_with("_bucket") || operation.ends_with("_lifecycle") {
        return bucket(stage, operation).await;
    }
    if operation.ends_with("_share") || operation == "bring_file" {
        return shares(stage, operation).await;
    }
    if operation.ends_with("resumable_upload") {
        return resumable(stage, operation).await;
    }
    if operation.ends_with("_upload") || operation == "issue_download" {
        return uploads(stage, operation).await;
    }
    let made = owner.post("/v1/buckets", json!({ "name": "shelves" })).send().await;
    assert!(matches!(made.status, 201 | 409), "{}", made.text());
    let at = "/v1/buckets/shelves";
    let path = format!("{at}/files/{folder}/tea.txt");
    let store = |body: &str| Ask::new(owner, Method::PUT, &path).bytes(body.into());
    if operation == "store_file" {
        return store("tea");
    }
    let old = store("tea").send().await.value();
    let file = format!("/v1/files/{}", id(&old));
    match operation {
        "delete_file" => Ask::delete(owner, path),
        "update_file" => Ask::patch(owner, file, json!({ "tags": ["茶"] })),
        "move_file" | "copy_file" => {
            let verb = operation.trim_end_matches("_file");
            Ask::post(owner, format!("{file}/{verb}"), json!({ "path": format!("{folder}/new/tea.txt") }))
        }
        "restore_file_version" | "purge_file_version" => {
            assert_eq!(store("more tea").send().await.status, 200);
            let version = format!("{file}/versions/{}", old["version_id"].as_str().unwrap());
            if operation == "purge_file_version" {
                return Ask::delete(owner, version);
            }
            Ask::post(owner, format!("{version}/restore"), json!({}))
        }
        "restore_file" | "purge_file" => {
            assert_eq!(Ask::delete(owner, path).send().await.status, 204);
            let trashed = format!("/v1/trash/{}", id(&old));
            if operation == "purge_file" {
                return Ask::delete(owner, trashed);
            }
            Ask::post(owner, format!("{trashed}/restore"), json!({}))
        }
        "move_folder" | "copy_folder" => {
            let verb = operation.trim_end_matches("_folder");
            let to = stage.name("new");
            Ask::post(owner, format!("{at}/folders/{verb}"), json!({ "folder": folder, "to_folder": to }))
        }
        "plan_restore" | "apply_restore" => {
            let before = stage.app.clock.now() - Duration::minutes(1);
            let plan =
                Ask::post(owner, "/v1/restore-plans", json!({ "bucket": "shelves", "folder": folder, "at": before }));
            if operation == "plan_restore" {
                return plan;
            }
            let plan = plan.send().await.value();
            Ask::post(owner, format!("/v1/restore-plans/{}/apply", id(&plan)), json!({}))
        }
        "place_file_hold" => Ask::post(owner, format!("{file}/holds"), json!({ "reason": "court" })),
        "release_file_hold" => {
            let hold = owner.post(format!("{file}/holds"), json!({ "reason": "court" })).ok().await;
            Ask::delete(owner, format!("{file}/holds/{}", id(&hold)))
        }
        _ => panic!("{operation} has no request: add one"),
    }
}

/// On a bucket that is made for it; those that were used before are deleted, since a firm may have only so many.
async fn bucket(stage: &Stage, operation: &str) -> Ask {
    let (owner, name) = (&stage.seller.owner, stage.name("bucket"));
    for old in owner.get("/v1/buckets").ok().await["data"].as_array().unwrap() {
        let old = old["name"].as_str().unwrap();
        if old.starts_with("bucket") {
            owner.delete(format!("/v1/buckets/{old}")).ok().await;
        }
    }
    owner.post("/v1/buckets", json!({ "name": name })).ok().await;
    let at = format!("/v1/buckets/{name}");
    match operation {
        "update_bucket" => Ask::patch(owner, at, json!({ "trash_days": 7 })),
        "delete_bucket" => Ask::delete(owner, at),
        "set_lifecycle" => {
            let rules = json!({ "rules": [{ "action": "trash", "folder": "log", "days": 30 }] });
            Ask::new(owner, Method::PUT, format!("{at}/lifecycle")).json(rules)
        }
        _ => panic!("{operation} has no request: add one"),
    }
}

/// One bucket for all of these, as a firm may not have very many.
async fn shared_bucket(owner: &Client) -> &'static str {
    // Once it is there, it is taken.
    let made = owner.post("/v1/buckets", json!({ "name": "uploads" })).send().await;
    assert!(matches!(made.status, 201 | 409), "{}", made.text());
    "uploads"
}

async fn resumable(stage: &Stage, operation: &str) -> Ask {
    let owner = &stage.seller.owner;
    let bucket = shared_bucket(owner).await;
    let by_tus = |ask: Ask| ask.header("tus-resumable", "1.0.0".to_owned());
    let create = by_tus(Ask::new(owner, Method::POST, "/v1/tus")).header("upload-length", "3".to_owned());
    let create = create.header("upload-metadata", crate::uploads::tus::metadata(bucket, &stage.name("tea")));
    if operation == "create_resumable_upload" {
        return create;
    }
    let path = create.send().await.header("location").to_owned();
    if operation == "end_resumable_upload" {
        return by_tus(Ask::delete(owner, path));
    }
    let piece = by_tus(Ask::new(owner, Method::PATCH, path)).bytes(b"tea".to_vec());
    piece.header("upload-offset", "0".to_owned()).header("content-type", "application/offset+octet-stream".to_owned())
}

async fn uploads(stage: &Stage, operation: &str) -> Ask {
    let (owner, name) = (&stage.seller.owner, stage.name("tea"));
    let bucket = shared_bucket(owner).await;
    if operation == "issue_download" {
        let file = owner.request(Method::PUT, format!("/v1/buckets/{bucket}/files/{name}")).bytes("tea").ok().await;
        return Ask::post(owner, format!("/v1/files/{}/download-url", id(&file)), json!({}));
    }
    let declared = json!({ "path": name, "size_bytes": 3, "content_type": "text/plain" });
    let begin = Ask::post(owner, format!("/v1/buckets/{bucket}/uploads"), declared);
    if operation == "create_upload" {
        return begin;
    }
    let upload = begin.send().await.value();
    assert_eq!(crate::uploads::put(&upload, "tea").await, 200);
    let path = format!("/v1/buckets/{bucket}/uploads/{}", upload["upload_id"].as_str().unwrap());
    match operation {
        "complete_upload" => Ask::new(owner, Method::POST, format!("{path}/complete")),
        "abort_upload" => Ask::delete(owner, path),
        _ => panic!("{operation} has no request: add one"),
    }
}

async fn shares(stage: &Stage, operation: &str) -> Ask {
    let owner = &stage.seller.owner;
    let bucket = shared_bucket(owner).await;
    if operation == "bring_file" {
        let wanted = json!({ "bucket": bucket, "prefix": stage.name("brought"), "mode": "upload" });
        let share = owner.post("/v1/shares", wanted).ok().await;
        let path = format!("/s/{}/tea.txt", share["token"].as_str().unwrap());
        return Ask::new(stage.app.visitor(), Method::PUT, path).bytes(b"tea".to_vec());
    }
    let body = json!({ "bucket": bucket, "mode": "download", "password": GRANITE });
    if operation == "create_share" {
        return Ask::post(owner, "/v1/shares", body);
    }
    let share = owner.post("/v1/shares", body).ok().await;
    if operation == "revoke_share" {
        return Ask::delete(owner, format!("/v1/shares/{}", id(&share)));
    }
    let path = format!("/s/{}", share["token"].as_str().unwrap());
    Ask::post(stage.app.visitor(), path, json!({ "password": GRANITE }))
}
