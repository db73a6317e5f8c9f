//! Members that an object names twice. A struct refuses them by itself; a map would silently keep the last.

use super::pointer;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::{collections::HashSet, fmt};

/// The place of the first member that stands twice in its object. The parser limits the depth.
pub(super) fn first_duplicate(body: &[u8]) -> Option<String> {
    let mut walk = Walk { place: String::new(), twice: false };
    let _ = Node(&mut walk).deserialize(&mut serde_json::Deserializer::from_slice(body));
    walk.twice.then_some(walk.place)
}

struct Walk {
    place: String,
    twice: bool,
}

struct Node<'w>(&'w mut Walk);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let length = self.0.place.len();
        for index in 0.. {
            pointer::push(&mut self.0.place, &index.to_string());
            if items.next_element_seed(Node(self.0))?.is_none() {
                break;
            }
            self.0.place.truncate(length);
        }
        self.0.place.truncate(length);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (length, mut seen) = (self.0.place.len(), HashSet::new());
        while let Some(name) = members.next_key::<String>()? {
            pointer::push(&mut self.0.place, &name);
            if !seen.insert(name) {
                self.0.twice = true;
                return Err(A::Error::custom("a member stands twice"));
            }
            members.next_value_seed(Node(self.0))?;
            self.0.place.truncate(length);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::first_duplicate;

    #[test]
    fn the_place_of_a_member_named_twice_is_found_at_any_depth() {
        for (body, expected) in [
            (r#"{"a":1,"b":{"a":1.5,"c":[null,true,"x",-1]}}"#, None),
            (r#"{"a":1,"a":1}"#, Some("/a")),
            (r#"{"m":{"x":"1","y":"2","\u0078":"3"}}"#, Some("/m/x")),
            (r#"{"l":[{"k":1},{"k":1,"k":2}]}"#, Some("/l/1/k")),
            (r"[1,2", None),
        ] {
            assert_eq!(first_duplicate(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }
    /// H10: names that a hash without a key would put in one place are told apart as fast as any.
    #[test]
    fn names_that_collide_cost_no_more_than_others() {
        // "Aa" and "BB" have one hash in all functions of the form `h * 31 + c`, and so has every row of them.
        let colliding =
            |number: u32| -> String { (0..15).map(|bit| if number >> bit & 1 == 0 { "Aa" } else { "BB" }).collect() };
        let body = |name: &dyn Fn(u32) -> String| {
            let members: Vec<String> = (0..1 << 15).map(|number| format!("\"{}\":1", name(number))).collect();
            format!("{{{}}}", members.join(","))
        };
        let (bad, plain) = (body(&colliding), body(&|number| format!("{number:030}")));
        let time = |body: &str| {
            let begun = std::time::Instant::now();
            assert_eq!(first_duplicate(body.as_bytes()), None);
            begun.elapsed()
        };
        let (plain, bad) = (time(&plain), time(&bad));
        // A place for all would take some ten thousand times as long.
        assert!(bad < 50 * plain.max(std::time::Duration::from_millis(10)), "{bad:?} instead of {plain:?}");
    }
}
