//! Audit rows as a spreadsheet reads them.

use audit::Row;
use kernel::ids::TenantId;
use serde_json::Value;

/// Columns: a member of the export's line each, in the words of a JSON pointer.
const COLUMNS: [(&str, &str); 16] = [
    ("seq", "/seq"),
    ("id", "/id"),
    ("at", "/at"),
    ("actor_kind", "/actor/kind"),
    ("actor_id", "/actor/id"),
    ("session", "/actor/session"),
    ("request_id", "/request_id"),
    ("request", "/request"),
    ("address", "/address"),
    ("ip", "/ip"),
    ("action", "/action"),
    ("object", "/object"),
    ("result", "/result"),
    ("detail", "/detail"),
    ("prev_hash", "/prev_hash"),
    ("hash", "/hash"),
];

/// The first line, with a byte order mark, without which spreadsheets take UTF-8 for another encoding.
pub(super) fn heading() -> String {
    format!("\u{feff}{}\r\n", COLUMNS.map(|(name, _)| name).join(","))
}

/// A row's line.
pub(super) fn line(tenant: TenantId, row: &Row) -> String {
    let line = row.line(tenant);
    let cells = COLUMNS.map(|(_, pointer)| match line.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => cell(text),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => cell(&other.to_string()),
    });
    format!("{}\r\n", cells.join(","))
}

/// A text as RFC 4180 has it. What a spreadsheet would take for a formula gets an apostrophe before it, and so does what
/// begins with one, so that it can be taken away again.
fn cell(text: &str) -> String {
    const FORMULAS: [char; 13] = ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠', '\u{2212}'];
    let guard = if text.starts_with(FORMULAS) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", "'=1"] {
            let written = cell(text);
            let inside = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
            assert_eq!(inside.replace("\"\"", "\"").strip_prefix('\''), Some(text), "{written}");
        }
        assert_eq!(cell("prd_1"), "\"prd_1\"");
    }
}
