//! Connected accounts and their onboarding.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::list::List;
use crate::objects::{push, text};
use crate::params::Params;
use crate::tx::Tx;

/// How long an onboarding link is good, seconds.
const LINK_LASTS: i64 = 300;
const KNOWN: [&str; 11] = [
    "type",
    "country",
    "email",
    "capabilities",
    "business_type",
    "business_profile",
    "company",
    "individual",
    "controller",
    "settings",
    "metadata",
];

pub(crate) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&[&KNOWN[..], &["default_currency"]].concat())?;
    let mut account = tx.fresh("account", "acct");
    let kind = params.text("type").unwrap_or("none");
    if !["express", "custom", "standard", "none"].contains(&kind) {
        return Err(ApiError::invalid("Invalid type: must be one of standard, express, or custom").param("type"));
    }
    account["type"] = json!(kind);
    account["country"] = json!(params.text("country").unwrap_or("US"));
    account["default_currency"] = json!(default_currency(text(&account, "country")));
    account["external_accounts"]["url"] = json!(format!("/v1/accounts/{}/external_accounts", text(&account, "id")));
    write(tx, &mut account, params)?;
    Ok(account)
}

fn default_currency(country: &str) -> &'static str {
    match country {
        "CN" => "cny",
        "HK" => "hkd",
        "GB" => "gbp",
        "JP" => "jpy",
        "SG" => "sgd",
        "DE" | "FR" | "ES" | "IT" | "NL" => "eur",
        _ => "usd",
    }
}

fn write(tx: &mut Tx<'_>, account: &mut Value, params: &Params) -> Result<(), ApiError> {
    params.copy_texts(account, &["email", "business_type", "default_currency"]);
    params.merge_metadata(account)?;
    if let Some(Value::Object(profile)) = params.get("business_profile") {
        for (key, value) in profile {
            account["business_profile"][key] = value.clone();
        }
    }
    if let Some(Value::Object(capabilities)) = params.get("capabilities") {
        let status = if account["details_submitted"] == json!(true) { "active" } else { "inactive" };
        for (name, asked) in capabilities {
            if text(asked, "requested") == "true" {
                account["capabilities"][name] = json!(status);
            }
        }
    }
    put(tx, account);
    Ok(())
}

/// Accounts belong to the platform, whoever asks.
fn put(tx: &mut Tx<'_>, account: &Value) {
    tx.put_in(None, account);
}

pub(crate) fn retrieve(tx: &Tx<'_>, id: &str) -> Result<Value, ApiError> {
    tx.find_in("account", id, "account", None)
}

pub(crate) fn update(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&[&KNOWN[2..], &["default_currency", "tos_acceptance", "external_account"]].concat())?;
    let mut account = retrieve(tx, id)?;
    write(tx, &mut account, params)?;
    tx.emit_for(Some(id.to_owned()), "account.updated", &account);
    Ok(account)
}

/// A link to the onboarding page; it is not stored, only where it returns to.
pub(crate) fn link(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["account", "type", "refresh_url", "return_url", "collect", "collection_options"])?;
    let id = params.require("account")?.to_owned();
    retrieve(tx, &id)?;
    let kind = params.require("type")?;
    if kind != "account_onboarding" && kind != "account_update" {
        return Err(ApiError::invalid(format!("Invalid type: {kind}")).param("type"));
    }
    if let Some(url) = params.text("return_url") {
        tx.note(&id, "return_url", json!(url));
    }
    let mut link = crate::objects::base("account_link");
    link["created"] = json!(tx.now());
    link["expires_at"] = json!(tx.now() + LINK_LASTS);
    link["url"] = json!(format!("{}/sim/onboard/{id}", tx.context.base_url));
    Ok(link)
}

/// The seller fills in the onboarding page: all requirements are met and a bank account stands.
/// `account_number` may name one of Stripe's failing test accounts for payouts.
pub(crate) fn onboard(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["account_number"])?;
    let mut account = retrieve(tx, id)?;
    for key in ["charges_enabled", "payouts_enabled", "details_submitted"] {
        account[key] = json!(true);
    }
    account["requirements"] = json!({"alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null,
               "errors": [], "eventually_due": [], "past_due": [], "pending_verification": []});
    account["tos_acceptance"]["date"] = json!(tx.now());
    if let Some(capabilities) = account["capabilities"].as_object_mut() {
        capabilities.insert("transfers".to_owned(), Value::Null);
        capabilities.values_mut().for_each(|status| *status = json!("active"));
    }
    let number = params.text("account_number").unwrap_or("000123456789");
    let bank = bank_account(tx, &account, number);
    account["external_accounts"]["data"] = json!([]);
    push(&mut account["external_accounts"], bank);
    put(tx, &account);
    tx.note(id, "account_number", json!(number));
    tx.emit_for(Some(id.to_owned()), "account.updated", &account);
    let mut answer = account;
    answer["return_url"] = tx.notes(id)["return_url"].clone();
    Ok(answer)
}

fn bank_account(tx: &mut Tx<'_>, account: &Value, number: &str) -> Value {
    let last4: String = number.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    json!({
        "id": tx.new_id("ba"), "object": "bank_account", "account": account["id"], "account_holder_name": null,
        "account_holder_type": null, "account_type": null, "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK", "country": account["country"], "currency": account["default_currency"],
        "default_for_currency": true, "fingerprint": null, "last4": last4, "metadata": {}, "routing_number": null,
        "status": "new",
    })
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    List { kind: "account", url: "/v1/accounts".to_owned(), filters: &[] }.answer(tx, params)
}
