//! Audit rows as a spreadsheet reads them.

use audit::Row;
use kernel::{ids::TenantId, spreadsheet::csv_cell};
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
        Some(Value::String(text)) => csv_cell(text),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => csv_cell(&other.to_string()),
    });
    format!("{}\r\n", cells.join(","))
}
