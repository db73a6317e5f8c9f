//! The event log: what webhooks told, or should have told.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::list::List;
use crate::objects::text;
use crate::params::Params;
use crate::state::{Delivery, Stored};
use crate::tx::Tx;

pub(crate) fn retrieve(tx: &Tx<'_>, id: &str) -> Result<Value, ApiError> {
    tx.find("event", id, "id")?;
    Ok(complete(tx, id))
}

pub(crate) fn list(tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
    params.allow(&["type", "types", "delivery_success", "limit", "starting_after", "ending_before", "created"])?;
    let types = params.texts("types");
    let delivered = params.text("delivery_success").map(|_| params.flag("delivery_success")).transpose()?;
    let list = List { kind: "event", url: "/v1/events".to_owned(), filters: &[] };
    let mut page = list.select(tx, params, |event| {
        let kind = text(event, "type");
        let wanted = types.is_empty() || types.iter().any(|pattern| matches(pattern, kind));
        let one = params.text("type").is_none_or(|pattern| matches(pattern, kind));
        wanted && one && delivered.is_none_or(|wanted| is_delivered(tx, event) == wanted)
    })?;
    if let Some(data) = page["data"].as_array_mut() {
        for event in data {
            *event = complete(tx, text(event, "id"));
        }
    }
    Ok(page)
}

/// Stripe's patterns: a whole type, or a prefix such as `charge.*`.
fn matches(pattern: &str, kind: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == kind, |prefix| kind.starts_with(prefix))
}

/// An event nobody listened for counts as delivered.
fn is_delivered(tx: &Tx<'_>, event: &Value) -> bool {
    matches!(tx.delivery(text(event, "id")), None | Some(Delivery::Done))
}

/// An event with its object and the present state of its delivery.
fn complete(tx: &Tx<'_>, id: &str) -> Value {
    let mut event = tx.stored(id).map_or(Value::Null, Stored::whole);
    event["pending_webhooks"] = json!(i32::from(tx.delivery(id) == Some(Delivery::Waiting)));
    event
}
