//! Form bodies with nested keys (`a[b]`, `a[0]`, `a[]`) as one JSON tree of strings.

use serde_json::{Map, Value};

use crate::error::ApiError;

/// Deepest nesting accepted; Stripe's own parameters stay far below.
const MAX_DEPTH: usize = 8;

/// Parses an urlencoded body or query string.
pub(crate) fn parse(encoded: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let mut root = Value::Object(Map::new());
    for (key, value) in url::form_urlencoded::parse(encoded) {
        let path = split(&key).ok_or_else(|| ApiError::invalid(format!("Invalid parameter name: {key}")))?;
        insert(&mut root, &path, value.into_owned())
            .ok_or_else(|| ApiError::invalid(format!("Invalid hash: {key}")).param(&key))?;
    }
    match arrays(root) {
        Value::Object(map) => Ok(map),
        _ => Err(ApiError::invalid("Invalid request body")),
    }
}

fn split(key: &str) -> Option<Vec<&str>> {
    let Some((head, rest)) = key.split_once('[') else { return (!key.is_empty()).then(|| vec![key]) };
    let inner = rest.strip_suffix(']')?;
    let mut path = vec![head];
    path.extend(inner.split("]["));
    let sound = path.iter().all(|part| !part.contains(['[', ']'])) && !head.is_empty() && path.len() <= MAX_DEPTH;
    sound.then_some(path)
}

fn insert(node: &mut Value, path: &[&str], text: String) -> Option<()> {
    let (first, rest) = path.split_first()?;
    let map = node.as_object_mut()?;
    let name = if first.is_empty() { map.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        map.insert(name, Value::String(text));
        return Some(());
    }
    insert(map.entry(name).or_insert_with(|| Value::Object(Map::new())), rest, text)
}

/// Turns maps whose keys are exactly 0, 1, 2, .. into arrays in that order.
fn arrays(node: Value) -> Value {
    let Value::Object(mut map) = node else { return node };
    let is_list = !map.is_empty() && (0..map.len()).all(|index| map.contains_key(&index.to_string()));
    if is_list {
        let count = map.len();
        return (0..count).filter_map(|index| map.remove(&index.to_string())).map(arrays).collect();
    }
    Value::Object(map.into_iter().map(|(key, value)| (key, arrays(value))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_keys_become_a_tree() {
        let parsed =
            parse(b"amount=5&card[number]=42&types[0]=card&types[1]=alipay&expand[]=a&m[x]=%E8%8C%B6").unwrap();
        assert_eq!(
            Value::Object(parsed),
            json!({"amount": "5", "card": {"number": "42"}, "types": ["card", "alipay"], "expand": ["a"], "m": {"x": "茶"}})
        );
    }

    #[test]
    fn ten_items_keep_their_order() {
        let body: Vec<String> = (0..12).map(|n| format!("a[{n}]={n}")).collect();
        let parsed = parse(body.join("&").as_bytes()).unwrap();
        assert_eq!(parsed["a"][11], "11");
        assert_eq!(parsed["a"][2], "2");
    }

    #[test]
    fn broken_keys_are_refused() {
        for body in ["a[b=1", "a]b[=1", "[a]=1", "a=1&a[b]=2", "a[1][2][3][4][5][6][7][8][9]=1", "=1"] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().status, 400, "{body}");
        }
    }
}
