//! Texts in cells of spreadsheets.

use std::borrow::Cow;

/// What spreadsheets take for the beginning of a formula, full-width forms included; the apostrophe, so that one that was put
/// before them is told from one that was there.
const FORMULAS: [char; 13] = ['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠', '\u{2212}'];

/// A text that no spreadsheet runs: what begins like a formula gets an apostrophe before it (CWE-1236).
pub fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULAS) { format!("'{text}").into() } else { text.into() }
}

/// A cell of separated values (RFC 4180) that no spreadsheet runs.
pub fn csv_cell(text: &str) -> String {
    format!("\"{}\"", guarded(text).replace('"', "\"\""))
}

/// The text before [`guarded`].
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| text.starts_with(FORMULAS)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1", "'=1"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        assert_eq!(guarded("prd_1"), "prd_1");
    }

    proptest! {
        #[test]
        fn what_was_guarded_comes_back(text in "[=+@'＝a-]{0,4}.{0,8}") {
            let written = guarded(&text);
            prop_assert_eq!(unguarded(&written), text.as_str());
        }
    }
}
