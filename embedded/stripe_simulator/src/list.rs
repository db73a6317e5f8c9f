//! Lists: filters, `created` ranges and Stripe's cursors.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::objects::{number, text};
use crate::params::Params;
use crate::tx::Tx;

/// Parameters every list takes.
const PAGING: [&str; 4] = ["limit", "starting_after", "ending_before", "created"];

/// A list call: which objects, under which address, by which fields.
pub(crate) struct List<'a> {
    pub(crate) kind: &'a str,
    pub(crate) url: String,
    /// Parameters that must equal the field of the same name.
    pub(crate) filters: &'a [&'a str],
}

impl List<'_> {
    pub(crate) fn answer(&self, tx: &Tx<'_>, params: &Params) -> Result<Value, ApiError> {
        params.allow(&[self.filters, &PAGING].concat())?;
        self.select(tx, params, |_| true)
    }

    /// The page of objects that also satisfy `accept`.
    pub(crate) fn select(
        &self,
        tx: &Tx<'_>,
        params: &Params,
        accept: impl Fn(&Value) -> bool,
    ) -> Result<Value, ApiError> {
        let created = Created::read(params)?;
        let matches = |object: &&Value| {
            created.contains(number(object, "created"))
                && self.filters.iter().all(|key| params.text(key).is_none_or(|wanted| text(object, key) == wanted))
                && accept(object)
        };
        let items: Vec<&Value> = tx.newest(self.kind).filter(matches).collect();
        page(&items, params, self)
    }
}

fn page(items: &[&Value], params: &Params, list: &List<'_>) -> Result<Value, ApiError> {
    let limit = limit(params)?;
    let place = |param: &str, id: &str| {
        let found = items.iter().position(|item| text(item, "id") == id);
        found.ok_or_else(|| ApiError::missing(list.kind, id, param))
    };
    let (data, has_more) = match (params.text("starting_after"), params.text("ending_before")) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("You cannot specify both starting_after and ending_before."));
        }
        (None, Some(id)) => {
            let newer = &items[..place("ending_before", id)?];
            (&newer[newer.len().saturating_sub(limit)..], newer.len() > limit)
        }
        (after, None) => {
            let start = after.map_or(Ok(0), |id| place("starting_after", id).map(|found| found + 1))?;
            let older = &items[start..];
            (&older[..older.len().min(limit)], older.len() > limit)
        }
    };
    Ok(json!({"object": "list", "url": list.url, "has_more": has_more, "data": data}))
}

fn limit(params: &Params) -> Result<usize, ApiError> {
    match params.text("limit").map(str::parse::<usize>) {
        None => Ok(10),
        Some(Ok(limit)) if (1..=100).contains(&limit) => Ok(limit),
        Some(_) => Err(ApiError::invalid("Invalid limit: must be between 1 and 100.").param("limit")),
    }
}

/// The `created` filter: an exact second or a range.
struct Created {
    from: i64,
    to: i64,
}

impl Created {
    fn read(params: &Params) -> Result<Self, ApiError> {
        let mut range = Self { from: i64::MIN, to: i64::MAX };
        let number = |text: &str| {
            text.parse::<i64>().map_err(|_| ApiError::invalid(format!("Invalid integer: {text}")).param("created"))
        };
        if let Some(exact) = params.text("created") {
            let exact = number(exact)?;
            return Ok(Self { from: exact, to: exact });
        }
        for bound in ["gt", "gte", "lt", "lte"] {
            let Some(text) = params.nested("created", bound) else { continue };
            let second = number(text)?;
            match bound {
                "gt" => range.from = range.from.max(second.saturating_add(1)),
                "gte" => range.from = range.from.max(second),
                "lt" => range.to = range.to.min(second.saturating_sub(1)),
                _ => range.to = range.to.min(second),
            }
        }
        Ok(range)
    }

    fn contains(&self, second: i64) -> bool {
        (self.from..=self.to).contains(&second)
    }
}
