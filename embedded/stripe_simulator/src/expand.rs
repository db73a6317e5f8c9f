//! `expand[]`: ids in an answer replaced by their objects.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::objects::text;
use crate::params::Params;
use crate::tx::Tx;

/// Stripe's limit on the depth of one path.
const MAX_DEPTH: usize = 4;

/// Expands every path the call asks for.
pub(crate) fn expand(tx: &Tx<'_>, mut answer: Value, params: &Params) -> Result<Value, ApiError> {
    for path in params.texts("expand") {
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > MAX_DEPTH {
            return Err(ApiError::invalid("You cannot expand more than 4 levels of a property.").param("expand"));
        }
        walk(tx, &mut answer, &parts)
            .ok_or_else(|| ApiError::invalid(format!("This property cannot be expanded ({path}).")).param("expand"))?;
    }
    Ok(answer)
}

fn walk(tx: &Tx<'_>, node: &mut Value, path: &[&str]) -> Option<()> {
    let Some((first, rest)) = path.split_first() else { return Some(()) };
    if let Value::Array(items) = node {
        return items.iter_mut().try_for_each(|item| walk(tx, item, path));
    }
    if *first == "charges" && text(node, "object") == "payment_intent" {
        node["charges"] = charges_of(tx, text(node, "id"));
    }
    let field = node.get_mut(*first)?;
    if let Some(id) = field.as_str() {
        *field = tx.stored(id)?.value.clone();
    }
    match field {
        Value::Null => Some(()),
        Value::Object(_) | Value::Array(_) => walk(tx, field, rest),
        _ => None,
    }
}

/// The list of charges older API versions showed inside a payment intent.
fn charges_of(tx: &Tx<'_>, intent: &str) -> Value {
    let charges: Vec<&Value> = tx.newest("charge").filter(|charge| text(charge, "payment_intent") == intent).collect();
    json!({"object": "list", "has_more": false, "url": format!("/v1/charges?payment_intent={intent}"), "data": charges})
}
