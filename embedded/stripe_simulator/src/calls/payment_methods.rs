//! Payment methods: cards by number or well-known id, and the two Chinese wallets.

use serde_json::{Value, json};

use crate::cards::{self, Behaviour};
use crate::error::ApiError;
use crate::list::List;
use crate::objects::text;
use crate::params::Params;
use crate::tx::Tx;

/// The types the simulator knows.
pub(crate) const TYPES: [&str; 3] = ["card", "alipay", "wechat_pay"];

const KNOWN: [&str; 6] = ["type", "card", "alipay", "wechat_pay", "billing_details", "metadata"];

pub(crate) fn create(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&KNOWN)?;
    from_params(tx, params, params.require("type")?)
}

/// A new payment method of a type, from the parameters of a call or of its `payment_method_data`.
pub(crate) fn from_params(tx: &mut Tx<'_>, params: &Params, kind: &str) -> Result<Value, ApiError> {
    let mut method = match kind {
        "card" => card_from(tx, params)?,
        "alipay" | "wechat_pay" => wallet(tx, kind),
        _ => return Err(ApiError::invalid(format!("Invalid type: {kind}")).param("type")),
    };
    if let Some(Value::Object(details)) = params.get("billing_details") {
        for (key, value) in details {
            method["billing_details"][key] = value.clone();
        }
    }
    params.merge_metadata(&mut method)?;
    tx.put(&method);
    Ok(method)
}

fn card_from(tx: &mut Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    if let Some(token) = params.nested("card", "token") {
        let card = cards::by_id(token).ok_or_else(|| ApiError::missing("token", token, "card[token]"))?;
        return Ok(card_method(tx, card.number));
    }
    let required = |name: &str| {
        params.nested("card", name).ok_or_else(|| {
            let param = format!("card[{name}]");
            ApiError::invalid(format!("Missing required param: {param}.")).code("parameter_missing").param(&param)
        })
    };
    let number: String = required("number")?.chars().filter(|digit| !digit.is_whitespace()).collect();
    if !cards::valid_number(&number) {
        let error = json!({
            "type": "card_error", "code": "incorrect_number", "param": "number",
            "message": "Your card number is incorrect.",
        });
        return Err(ApiError::card(&error, Value::Null));
    }
    let mut method = card_method(tx, &number);
    for name in ["exp_month", "exp_year"] {
        let value = required(name)?.parse::<i64>();
        method["card"][name] = json!(value.map_err(|_| ApiError::invalid("Invalid integer").param(name))?);
    }
    Ok(method)
}

fn card_method(tx: &mut Tx<'_>, number: &str) -> Value {
    let mut method = tx.fresh("payment_method", "pm");
    let brand = cards::brand(number);
    method["card"]["brand"] = json!(brand);
    method["card"]["display_brand"] = json!(brand);
    method["card"]["last4"] = json!(number[number.len() - 4..]);
    method["card"]["networks"]["available"] = json!([brand]);
    method["card"]["exp_year"] = json!(2034);
    tx.put(&method);
    tx.note(text(&method, "id"), "number", json!(number));
    method
}

fn wallet(tx: &mut Tx<'_>, kind: &str) -> Value {
    let mut method = tx.fresh("payment_method", "pm");
    if let Some(fields) = method.as_object_mut() {
        fields.remove("card");
    }
    method["type"] = json!(kind);
    method[kind] = json!({});
    method
}

/// A stored payment method, or a new copy of a well-known one.
pub(crate) fn resolve(tx: &mut Tx<'_>, id: &str) -> Result<Value, ApiError> {
    match cards::by_id(id).filter(|_| id.starts_with("pm_")) {
        Some(card) => Ok(card_method(tx, card.number)),
        None => tx.find("payment_method", id, "payment_method").map_err(|_| no_such(id)),
    }
}

fn no_such(id: &str) -> ApiError {
    let mut error = ApiError::invalid(format!("No such PaymentMethod: '{id}'"));
    error = error.code("resource_missing").param("payment_method");
    error.status = 404;
    error
}

/// What using a payment method leads to.
pub(crate) fn behaviour(tx: &Tx<'_>, method: &Value) -> Behaviour {
    cards::behaviour(text(&tx.notes(text(method, "id")), "number"))
}

pub(crate) fn retrieve(tx: &mut Tx<'_>, id: &str) -> Result<Value, ApiError> {
    resolve(tx, id)
}

pub(crate) fn attach(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["customer"])?;
    let customer = tx.find("customer", params.require("customer")?, "customer")?;
    let mut method = resolve(tx, id)?;
    if !method["customer"].is_null() && method["customer"] != customer["id"] {
        return Err(ApiError::invalid("The payment method you provided has already been attached to a customer.")
            .code("payment_method_unexpected_state"));
    }
    method["customer"] = customer["id"].clone();
    tx.put(&method);
    tx.emit("payment_method.attached", &method);
    Ok(method)
}

pub(crate) fn detach(tx: &mut Tx<'_>, id: &str, params: &Params) -> Result<Value, ApiError> {
    params.allow(&[])?;
    let mut method = tx.find("payment_method", id, "payment_method")?;
    method["customer"] = Value::Null;
    tx.put(&method);
    tx.emit("payment_method.detached", &method);
    Ok(method)
}

pub(crate) fn list(tx: &Tx<'_>, customer: Option<&str>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["customer", "type", "limit", "starting_after", "ending_before"])?;
    let url = customer.map_or("/v1/payment_methods".to_owned(), |id| format!("/v1/customers/{id}/payment_methods"));
    let list = List { kind: "payment_method", url, filters: &["customer", "type"] };
    list.select(tx, params, |method| match customer {
        Some(id) => text(method, "customer") == id,
        None => !method["customer"].is_null() || params.text("customer").is_none(),
    })
}
