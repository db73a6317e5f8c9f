//! A request for every operation that writes, each with something new to write about.

use super::{
    goods_writes,
    stage::{Ask, GRANITE, Stage, id},
    storage_writes,
};
use crate::trade::signed;
use auth::totp::TotpSecret;
use chrono::Duration;
use kernel::Clock;
use reqwest::Method;
use serde_json::json;
use tests::{Firm, PASSWORD, product};

pub const IDENTITY: &[&str] =
    &["sign_up", "verify_email", "resend_verification", "log_in", "refresh", "log_out", "switch_tenant"];
pub const ACCOUNT: &[&str] = &[
    "update_me",
    "change_password",
    "change_email",
    "forgot_password",
    "reset_password",
    "begin_totp",
    "confirm_totp",
    "remove_totp",
    "replace_recovery_codes",
    "confirm_log_in",
    "step_up",
    "end_session",
    "end_other_sessions",
    "record_consent",
];
pub const FIRMS: &[&str] = &[
    "create_tenant",
    "update_tenant",
    "create_invitation",
    "resend_invitation",
    "revoke_invitation",
    "accept_invitation",
    "change_member_role",
    "remove_member",
    "create_role",
    "update_role",
    "delete_role",
    "transfer_ownership",
    "request_verification",
    "close_tenant",
    "create_api_key",
    "update_api_key",
    "rotate_api_key",
    "revoke_api_key",
];
pub const GOODS: &[&str] = &[
    "create_category",
    "create_product",
    "update_product",
    "publish_product",
    "archive_product",
    "adjust_inventory",
    "create_bucket",
];
pub const TRADE: &[&str] =
    &["place_order", "cancel_purchase", "cancel_order", "ship_order", "confirm_receipt", "receive_stripe_event"];
pub const MONEY: &[&str] = &["pay_order", "refund_order"];
pub const DESKS: &[&str] = &[
    "read_notification",
    "read_all_notifications",
    "admin_log_in",
    "admin_mfa",
    "admin_retry_job",
    "admin_discard_job",
    "admin_rotate_signing_key",
    "admin_approve_verification",
    "admin_reject_verification",
];

/// Makes ready what a request of an operation needs, and the request.
pub async fn ask(stage: &Stage, operation: &str) -> Ask {
    match operation {
        _ if IDENTITY.contains(&operation) => identity(stage, operation).await,
        _ if ACCOUNT.contains(&operation) => account(stage, operation).await,
        _ if FIRMS.contains(&operation) => firms(stage, operation).await,
        _ if GOODS.contains(&operation) => goods(stage, operation).await,
        _ if goods_writes::SHELF.contains(&operation) => goods_writes::shelf(stage, operation).await,
        _ if storage_writes::STORAGE.contains(&operation) => storage_writes::storage(stage, operation).await,
        _ if DESKS.contains(&operation) => desks(stage, operation).await,
        _ => trade(stage, operation).await,
    }
}

async fn identity(stage: &Stage, operation: &str) -> Ask {
    let (app, visitor) = (&stage.app, stage.app.visitor());
    let path = format!("/v1/auth/{}", operation.replace('_', "-"));
    if operation == "sign_up" {
        return Ask::post(visitor, path, stage.newcomer());
    }
    if operation == "verify_email" {
        let firm = app.unverified_firm(&stage.name("firm")).await;
        app.run_jobs().await;
        return Ask::post(visitor, path, json!({ "token": app.token_from_mail(&firm.email) }));
    }
    if operation == "resend_verification" {
        let firm = app.unverified_firm(&stage.name("firm")).await;
        return Ask::post(visitor, path, json!({ "email": firm.email }));
    }
    let firm = stage.firm().await;
    match operation {
        "log_in" => Ask::post(visitor, path, json!({ "email": firm.email, "password": PASSWORD })),
        "refresh" | "log_out" => Ask::post(visitor, path, json!({ "refresh_token": firm.refresh_token })),
        "switch_tenant" => Ask::post(&firm.owner, path, json!({ "tenant_id": firm.id })),
        _ => panic!("{operation} has no request: add one"),
    }
}

async fn account(stage: &Stage, operation: &str) -> Ask {
    let (app, firm) = (&stage.app, stage.firm().await);
    let (owner, visitor) = (&firm.owner, app.visitor());
    // Each request is the first of its kind: what others did must not slow it down.
    app.database.sql("DELETE FROM log_in_throttle");
    let log_in = json!({ "email": firm.email, "password": PASSWORD });
    match operation {
        "update_me" => Ask::patch(owner, "/v1/me", json!({ "display_name": stage.name("renamed") })),
        "change_password" => {
            let body = json!({ "current_password": PASSWORD, "password": "granite lantern 41 orchard" });
            Ask::post(owner, "/v1/me/password", body)
        }
        "change_email" => {
            let email = format!("{}@elsewhere.example", stage.name("moved"));
            Ask::post(owner, "/v1/me/email", json!({ "email": email, "password": PASSWORD }))
        }
        "forgot_password" => Ask::post(visitor, "/v1/auth/forgot-password", json!({ "email": firm.email })),
        "reset_password" => {
            visitor.post("/v1/auth/forgot-password", json!({ "email": firm.email })).send().await;
            app.run_jobs().await;
            let token = app.token_from_mail(&firm.email);
            let body = json!({ "token": token, "password": "granite lantern 41 orchard" });
            Ask::post(visitor, "/v1/auth/reset-password", body)
        }
        "step_up" => Ask::post(owner, "/v1/auth/step-up", json!({ "password": PASSWORD })),
        "end_session" | "end_other_sessions" => {
            visitor.post("/v1/auth/log-in", log_in).ok().await;
            let sessions = owner.get("/v1/me/sessions").ok().await;
            let other = sessions["data"].as_array().unwrap().iter().find(|session| session["current"] == false);
            match operation {
                "end_session" => Ask::delete(owner, format!("/v1/me/sessions/{}", id(other.unwrap()))),
                _ => Ask::post(owner, "/v1/me/sessions/revoke-others", json!({})),
            }
        }
        "record_consent" => {
            app.database.sql("DELETE FROM consents");
            let version = auth::Document::Terms.current_version();
            Ask::post(owner, "/v1/me/consents", json!({ "document": "terms", "version": version }))
        }
        _ => second_factor(stage, &firm, operation).await,
    }
}

async fn second_factor(stage: &Stage, firm: &Firm, operation: &str) -> Ask {
    let (app, owner) = (&stage.app, &firm.owner);
    if operation == "begin_totp" {
        return Ask::post(owner, "/v1/me/totp", json!({}));
    }
    let begun = owner.post("/v1/me/totp", json!({})).ok().await;
    let secret = TotpSecret::from_base32(begun["secret"].as_str().unwrap()).unwrap();
    let first = json!({ "code": secret.code(app.clock.now()).unwrap() });
    if operation == "confirm_totp" {
        return Ask::post(owner, "/v1/me/totp/confirm", first);
    }
    owner.post("/v1/me/totp/confirm", first).ok().await;
    match operation {
        "remove_totp" => Ask::delete(owner, "/v1/me/totp"),
        "replace_recovery_codes" => Ask::post(owner, "/v1/me/recovery-codes", json!({})),
        "confirm_log_in" => {
            app.clock.advance(Duration::seconds(60));
            let log_in = json!({ "email": firm.email, "password": PASSWORD });
            let halfway = app.visitor().post("/v1/auth/log-in", log_in).ok().await;
            let code = secret.code(app.clock.now()).unwrap();
            let body = json!({ "mfa_token": halfway["mfa_token"], "code": code });
            Ask::post(app.visitor(), "/v1/auth/mfa", body)
        }
        _ => panic!("{operation} has no request: add one"),
    }
}

async fn firms(stage: &Stage, operation: &str) -> Ask {
    // A plan has room for few members and programs, and some things happen to a firm once, so that it is a new one.
    let once = ["accept_invitation", "transfer_ownership", "request_verification", "close_tenant"];
    let is_new = operation.contains("member") || operation.contains("api_key") || once.contains(&operation);
    let roomy = if is_new { Some(stage.firm().await) } else { None };
    let firm = roomy.as_ref().unwrap_or(&stage.seller);
    let owner = &firm.owner;
    match operation {
        "create_tenant" => Ask::post(owner, "/v1/tenants", json!({ "name": stage.name("branch") })),
        "update_tenant" => Ask::patch(owner, "/v1/tenant", json!({ "name": stage.name("renamed") })),
        "create_invitation" => {
            let email = format!("{}@guests.example", stage.name("guest"));
            Ask::post(owner, "/v1/invitations", json!({ "email": email, "role": "viewer" }))
        }
        "resend_invitation" | "revoke_invitation" => {
            let (invitation, _) = stage.invited(firm).await;
            let path = format!("/v1/invitations/{}", id(&invitation));
            if operation == "revoke_invitation" {
                Ask::delete(owner, path)
            } else {
                Ask::post(owner, format!("{path}/resend"), json!({}))
            }
        }
        "accept_invitation" => {
            let (_, email) = stage.invited(firm).await;
            stage.acceptance(&email)
        }
        "create_api_key" => {
            let body = json!({ "name": "warehouse", "scopes": ["catalogue:read"] });
            Ask::post(owner, "/v1/api-keys", body)
        }
        "update_api_key" | "rotate_api_key" | "revoke_api_key" => {
            let path = firm.program(&["catalogue:read"]).await.path();
            match operation {
                "update_api_key" => Ask::patch(owner, path, json!({ "name": "shop" })),
                "rotate_api_key" => Ask::post(owner, format!("{path}/rotate"), json!({})),
                _ => Ask::delete(owner, path),
            }
        }
        "change_member_role" | "remove_member" => {
            let path = format!("/v1/members/{}", id(&stage.member(firm).await));
            if operation == "remove_member" {
                Ask::delete(owner, path)
            } else {
                Ask::patch(owner, path, json!({ "role": "sales" }))
            }
        }
        "request_verification" => Ask::post(owner, "/v1/verification", stage.licence(firm).await),
        "close_tenant" => Ask::new(owner, Method::POST, "/v1/tenant/close"),
        _ => roles(stage, firm, operation).await,
    }
}

async fn roles(stage: &Stage, firm: &Firm, operation: &str) -> Ask {
    let body = json!({ "name": stage.name("role"), "permissions": ["orders:read"] });
    match operation {
        "create_role" => Ask::post(&firm.owner, "/v1/roles", body),
        "update_role" | "delete_role" => {
            let made = firm.owner.post("/v1/roles", body).ok().await;
            let path = format!("/v1/roles/{}", id(&made));
            if operation == "delete_role" {
                Ask::delete(&firm.owner, path)
            } else {
                Ask::patch(&firm.owner, path, json!({ "permissions": ["files:read"] }))
            }
        }
        "transfer_ownership" => {
            let heir = stage.member(firm).await;
            Ask::post(&firm.owner, format!("/v1/members/{}/transfer-ownership", id(&heir)), json!({}))
        }
        _ => panic!("{operation} has no request: add one"),
    }
}

async fn goods(stage: &Stage, operation: &str) -> Ask {
    let owner = &stage.seller.owner;
    match operation {
        "create_category" => Ask::post(owner, "/v1/categories", json!({ "name": stage.name("茶") })),
        "create_product" => Ask::post(owner, "/v1/products", product("凤凰单丛", &stage.name("SKU"), 12_800, Some(3))),
        "update_product" => {
            let draft = stage.draft().await;
            Ask::patch(owner, format!("/v1/products/{}", id(&draft)), json!({ "title": "铁观音" }))
        }
        "publish_product" => Ask::post(owner, format!("/v1/products/{}/publish", id(&stage.draft().await)), json!({})),
        "archive_product" => {
            let published = stage.seller.publishes("凤凰单丛", 12_800, Some(10)).await;
            Ask::post(owner, format!("/v1/products/{}/archive", id(&published)), json!({}))
        }
        "adjust_inventory" => {
            let draft = stage.draft().await;
            let body = json!({ "variant_id": draft["variants"][0]["id"], "delta": 2, "reason": "counted" });
            Ask::post(owner, "/v1/inventory/adjustments", body)
        }
        "create_bucket" => Ask::post(owner, "/v1/buckets", json!({ "name": stage.name("bucket") })),
        _ => panic!("{operation} has no request: add one"),
    }
}

/// Share links, the last of which is opened by a visitor.
async fn trade(stage: &Stage, operation: &str) -> Ask {
    let (seller, buyer) = (&stage.seller.owner, &stage.buyer.owner);
    if operation == "receive_stripe_event" {
        return event(stage);
    }
    if operation == "place_order" {
        let product = stage.seller.publishes("凤凰单丛", 12_800, Some(10)).await;
        let line = json!({ "variant_id": product["variants"][0]["id"], "quantity": 2 });
        return Ask::post(buyer, "/v1/purchases", json!({ "lines": [line], "shipping_address": tests::address() }));
    }
    let order = stage.order(!matches!(operation, "cancel_purchase" | "cancel_order" | "pay_order")).await;
    let (sale, purchase) = (format!("/v1/orders/{}", id(&order)), format!("/v1/purchases/{}", id(&order)));
    let shipment = json!({ "carrier": "SF Express", "tracking_number": "SF1234567890" });
    match operation {
        "cancel_purchase" => Ask::post(buyer, format!("{purchase}/cancel"), json!({})),
        "cancel_order" => Ask::post(seller, format!("{sale}/cancel"), json!({})),
        "ship_order" => Ask::post(seller, format!("{sale}/shipments"), shipment),
        "confirm_receipt" => {
            seller.post(format!("{sale}/shipments"), shipment).ok().await;
            Ask::post(buyer, format!("{purchase}/confirm-receipt"), json!({}))
        }
        "pay_order" => {
            let card = json!({ "method": "card", "payment_method": "pm_card_visa" });
            Ask::post(buyer, format!("{purchase}/payments"), card)
        }
        "refund_order" => {
            Ask::post(seller, format!("{sale}/refunds"), json!({ "amount_minor": 5_000, "reason": "one is broken" }))
        }
        _ => panic!("{operation} has no request: add one"),
    }
}

/// A message of the payment provider about nothing of ours.
fn event(stage: &Stage) -> Ask {
    let name = stage.name("evt");
    let body =
        format!(r#"{{"id":"{name}","object":"event","type":"customer.created","data":{{"object":{{"id":"cus_1"}}}}}}"#);
    let signature = signed(stage.app.clock.now().timestamp(), &body);
    Ask::new(stage.app.visitor(), Method::POST, "/v1/providers/stripe/webhook")
        .bytes(body.into_bytes())
        .header("stripe-signature", signature)
}

async fn desks(stage: &Stage, operation: &str) -> Ask {
    let visitor = stage.app.visitor();
    match operation {
        "read_notification" | "read_all_notifications" => {
            stage.order(true).await;
            let mine = stage.seller.owner.get("/v1/notifications?limit=1").ok().await;
            let path = if operation == "read_notification" {
                format!("/v1/notifications/{}/read", id(&mine["data"][0]))
            } else {
                "/v1/notifications/read-all".to_owned()
            };
            Ask::post(&stage.seller.owner, path, json!({}))
        }
        "admin_log_in" => {
            Ask::post(visitor, "/admin/v1/log-in", json!({ "email": stage.administrator, "password": GRANITE }))
        }
        "admin_mfa" => Ask::post(visitor, "/admin/v1/mfa", stage.challenge().await),
        "admin_rotate_signing_key" => {
            Ask::post(&stage.admin().await, "/admin/v1/signing-keys/rotate", json!({ "at_once": false }))
        }
        "admin_approve_verification" | "admin_reject_verification" => {
            let firm = stage.firm().await;
            let asked = firm.owner.post("/v1/verification", stage.licence(&firm).await).ok().await;
            let deed = operation.trim_start_matches("admin_").trim_end_matches("_verification");
            let body = if deed == "reject" { json!({ "reason": "unreadable" }) } else { json!({}) };
            Ask::post(&stage.admin().await, format!("/admin/v1/verifications/{}/{deed}", id(&asked)), body)
        }
        "admin_retry_job" | "admin_discard_job" => {
            let deed = operation.trim_start_matches("admin_").trim_end_matches("_job");
            Ask::post(&stage.admin().await, format!("/admin/v1/jobs/{}/{deed}", stage.dead_job()), json!({}))
        }
        _ => panic!("{operation} has no request: add one"),
    }
}
