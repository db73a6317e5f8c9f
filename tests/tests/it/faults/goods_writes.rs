//! A request for every operation on goods that the first ones do not cover: variants and what is agreed on prices.

use super::stage::{Ask, Stage, id};
use kernel::Clock;
use serde_json::{Value, json};

pub const SHELF: &[&str] = &[
    "start_product_import",
    "create_variant",
    "update_variant",
    "delete_variant",
    "create_buyer_group",
    "update_buyer_group",
    "delete_buyer_group",
    "create_price_list",
    "update_price_list",
    "delete_price_list",
    "unpublish_product",
    "schedule_product",
    "discard_product_change",
    "update_category",
    "delete_category",
    "create_collection",
    "update_collection",
    "delete_collection",
    "create_location",
    "update_location",
    "delete_location",
    "transfer_stock",
    "count_stock",
];

/// On a draft or a thing of its own.
pub async fn shelf(stage: &Stage, operation: &str) -> Ask {
    match operation {
        "unpublish_product" | "schedule_product" | "discard_product_change" => on_sale(stage, operation).await,
        "start_product_import" => sheet(stage).await,
        "transfer_stock" | "count_stock" => stock(stage, operation).await,
        _ if operation.ends_with("_variant") => variant(stage, operation).await,
        _ => named(stage, operation).await,
    }
}

/// A new sheet, whose products are new each time.
async fn sheet(stage: &Stage) -> Ask {
    let owner = &stage.seller.owner;
    let bucket = stage.name("sheets");
    owner.post("/v1/buckets", json!({ "name": bucket })).ok().await;
    let path = format!("/v1/buckets/{bucket}/files/a.csv");
    let text = format!("sku,title,price\n{},茶,1\n", stage.name("SKU"));
    let file = owner.request(reqwest::Method::PUT, path).bytes(text).ok().await;
    Ask::post(owner, "/v1/product-imports", json!({ "file_id": file["id"], "mode": "apply" }))
}

fn new_variant(stage: &Stage) -> Value {
    json!({ "sku": stage.name("SKU"), "price_minor": 9_900, "currency": "CNY" })
}

async fn variant(stage: &Stage, operation: &str) -> Ask {
    let owner = &stage.seller.owner;
    let draft = stage.draft().await;
    let all = format!("/v1/products/{}/variants", id(&draft));
    let one = format!("{all}/{}", id(&draft["variants"][0]));
    match operation {
        "create_variant" => Ask::post(owner, all, new_variant(stage)),
        "update_variant" => Ask::patch(owner, one, json!({ "price_minor": 12_700 })),
        _ => Ask::delete(owner, one),
    }
}

/// Where things of a kind are, and what makes one.
async fn kind(stage: &Stage, operation: &str) -> (&'static str, Value) {
    let name = stage.name("thing");
    let kind = operation.split_once('_').unwrap().1;
    match kind {
        "buyer_group" => ("/v1/buyer-groups", json!({ "name": name, "buyers": [stage.buyer.id] })),
        "price_list" => {
            let draft = stage.draft().await;
            let price = json!({ "variant_id": draft["variants"][0]["id"], "price_minor": 9_000 });
            ("/v1/price-lists", json!({ "name": name, "buyer_id": stage.buyer.id, "prices": [price] }))
        }
        "category" => ("/v1/categories", json!({ "name": name })),
        "collection" => {
            let draft = stage.draft().await;
            ("/v1/collections", json!({ "name": name, "products": [draft["id"]] }))
        }
        "location" => ("/v1/locations", json!({ "name": name })),
        _ => panic!("{operation} has no request: add one"),
    }
}

/// On a published product of its own.
async fn on_sale(stage: &Stage, operation: &str) -> Ask {
    let owner = &stage.seller.owner;
    let product = stage.seller.publishes("凤凰单丛", 12_800, Some(10)).await;
    let path = format!("/v1/products/{}", id(&product));
    match operation {
        "unpublish_product" => Ask::post(owner, format!("{path}/unpublish"), json!({})),
        "schedule_product" => {
            let at = stage.app.clock.now() + chrono::Duration::days(365);
            Ask::post(owner, format!("{path}/schedule"), json!({ "unpublish_at": at }))
        }
        _ => {
            owner.patch(format!("{path}?as=change"), json!({ "title": "铁观音" })).ok().await;
            Ask::delete(owner, format!("{path}/change"))
        }
    }
}

/// At a location of its own.
async fn stock(stage: &Stage, operation: &str) -> Ask {
    let owner = &stage.seller.owner;
    let draft = stage.draft().await;
    let variant = &draft["variants"][0]["id"];
    // The first one is the default.
    owner.post("/v1/locations", json!({ "name": stage.name("first") })).ok().await;
    let location = owner.post("/v1/locations", json!({ "name": stage.name("second") })).ok().await;
    if operation == "transfer_stock" {
        let body = json!({ "variant_id": variant, "to_location_id": location["id"], "quantity": 3 });
        return Ask::post(owner, "/v1/inventory/transfers", body);
    }
    let counts = json!([{ "variant_id": variant, "counted": 4 }]);
    Ask::post(
        owner,
        "/v1/inventory/counts",
        json!({ "location_id": location["id"], "reason": "count", "counts": counts }),
    )
}

/// Things that have a name: made, given another name, deleted.
async fn named(stage: &Stage, operation: &str) -> Ask {
    let owner = &stage.seller.owner;
    let (path, body) = kind(stage, operation).await;
    if operation.starts_with("create_") {
        return Ask::post(owner, path, body);
    }
    if path == "/v1/locations" {
        // The first one is the default, which goes last.
        owner.post(path, json!({ "name": stage.name("first") })).ok().await;
    }
    let made = owner.post(path, body).ok().await;
    let path = format!("{path}/{}", id(&made));
    if operation.starts_with("delete_") {
        return Ask::delete(owner, path);
    }
    Ask::patch(owner, path, json!({ "name": stage.name("renamed") }))
}
