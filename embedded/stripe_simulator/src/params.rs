//! Typed reading of a call's parameters, with Stripe's complaints.

use serde_json::{Map, Value};

use crate::error::ApiError;

const MAX_METADATA_KEYS: usize = 50;
const MAX_METADATA_KEY: usize = 40;
const MAX_METADATA_VALUE: usize = 500;

/// The parameters of one call.
#[derive(Debug, Default)]
pub(crate) struct Params(Map<String, Value>);

impl Params {
    pub(crate) fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// Canonical text of all parameters, for comparing a repeated call with the first.
    pub(crate) fn canonical(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// Refuses parameters the call does not know; `expand` is always known.
    pub(crate) fn allow(&self, known: &[&str]) -> Result<(), ApiError> {
        match self.0.keys().find(|key| *key != "expand" && !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(ApiError::invalid(format!("Received unknown parameter: {key}"))
                .code("parameter_unknown")
                .param(key)),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// A non-empty string.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(crate) fn require(&self, key: &str) -> Result<&str, ApiError> {
        self.text(key).ok_or_else(|| {
            ApiError::invalid(format!("Missing required param: {key}.")).code("parameter_missing").param(key)
        })
    }

    /// A string nested one level down, such as `card[number]`.
    pub(crate) fn nested(&self, key: &str, inner: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.get(inner)).and_then(Value::as_str)
    }

    pub(crate) fn flag(&self, key: &str) -> Result<bool, ApiError> {
        match self.text(key) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(ApiError::invalid(format!("Invalid boolean: {other}")).param(key)),
        }
    }

    /// A positive amount in minor units.
    pub(crate) fn amount(&self, key: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(amount) if (1..=999_999_999_999).contains(&amount) => Ok(Some(amount)),
            Ok(amount) if amount > 0 => {
                Err(ApiError::invalid(format!("Amount too large: {amount}")).code("amount_too_large").param(key))
            }
            Ok(_) => Err(ApiError::invalid("This value must be greater than or equal to 1.")
                .code("parameter_invalid_integer")
                .param(key)),
            Err(_) => {
                Err(ApiError::invalid(format!("Invalid integer: {text}")).code("parameter_invalid_integer").param(key))
            }
        }
    }

    pub(crate) fn required_amount(&self, key: &str) -> Result<i64, ApiError> {
        self.require(key)?;
        Ok(self.amount(key)?.unwrap_or_default())
    }

    /// A three-letter currency code in lower case.
    pub(crate) fn currency(&self) -> Result<String, ApiError> {
        let code = self.require("currency")?.to_ascii_lowercase();
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Ok(code);
        }
        Err(ApiError::invalid(format!("Invalid currency: {code}.")).param("currency"))
    }

    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        match self.0.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(one)) if !one.is_empty() => vec![one.clone()],
            _ => Vec::new(),
        }
    }

    /// Copies the named string parameters onto an object; an empty string clears a field.
    pub(crate) fn copy_texts(&self, object: &mut Value, keys: &[&str]) {
        for key in keys {
            match self.0.get(*key) {
                Some(Value::String(text)) if text.is_empty() => object[*key] = Value::Null,
                Some(value @ (Value::String(_) | Value::Object(_))) => object[*key] = value.clone(),
                _ => {}
            }
        }
    }

    /// Merges `metadata[..]` into the object; an empty value removes its key.
    pub(crate) fn merge_metadata(&self, object: &mut Value) -> Result<(), ApiError> {
        let given = match self.0.get("metadata") {
            None => return Ok(()),
            Some(Value::Object(given)) => given,
            Some(Value::String(text)) if text.is_empty() => {
                object["metadata"] = Value::Object(Map::new());
                return Ok(());
            }
            // Keys that are all digits were read as an array.
            Some(Value::Array(items)) => {
                let map = items.iter().enumerate().map(|(index, item)| (index.to_string(), item.clone())).collect();
                return merge(object, &map);
            }
            Some(_) => return Err(ApiError::invalid("Invalid hash").param("metadata")),
        };
        merge(object, given)
    }
}

fn merge(object: &mut Value, given: &Map<String, Value>) -> Result<(), ApiError> {
    let mut merged = object["metadata"].as_object().cloned().unwrap_or_default();
    for (key, value) in given {
        let text =
            value.as_str().ok_or_else(|| ApiError::invalid("Metadata values must be strings").param("metadata"))?;
        if key.chars().count() > MAX_METADATA_KEY || text.chars().count() > MAX_METADATA_VALUE {
            return Err(ApiError::invalid(format!("Metadata '{key}' is too long")).param("metadata"));
        }
        if text.is_empty() {
            merged.remove(key);
        } else {
            merged.insert(key.clone(), value.clone());
        }
    }
    if merged.len() > MAX_METADATA_KEYS {
        return Err(ApiError::invalid("Metadata is limited to 50 keys").param("metadata"));
    }
    object["metadata"] = Value::Object(merged);
    Ok(())
}
