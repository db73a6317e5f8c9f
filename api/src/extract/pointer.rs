//! JSON pointers (RFC 6901) from the paths of other libraries.

use serde_path_to_error::Segment;

/// Appends one segment.
pub(super) fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
}

/// The place where deserialising stopped.
pub(super) fn of_path(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            // An enum's variant is no level of the JSON text that we accept; an unknown segment has no name.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// The place of a failed rule.
pub(super) fn of_rule(path: &garde::Path) -> String {
    let mut pointer = String::new();
    for (_, component) in path.__iter().rev() {
        if !component.is_empty() {
            push(&mut pointer, component.trim_start_matches("r#"));
        }
    }
    pointer
}
