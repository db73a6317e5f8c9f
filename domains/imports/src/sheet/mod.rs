//! Rows of a file that a firm has stored, one after the other: never the whole of it in memory.

mod book;
mod text;

use std::path::Path;

/// Rows that a file may have.
pub(crate) const MAX_ROWS: u64 = 200_000;
/// Cells of a row that are looked at.
const MAX_COLUMNS: usize = 100;
/// Characters of a cell.
const MAX_CELL_CHARS: usize = 32_767;

/// Why a file cannot be read, or no further; with the row, where there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SheetError {
    /// Neither CSV nor XLSX.
    #[error("not a sheet")]
    NotASheet,
    /// Neither UTF-8 nor UTF-16 nor GB18030.
    #[error("its characters cannot be read")]
    Encoding,
    /// The packed file unpacks to more than is looked at.
    #[error("it unpacks to too much")]
    Bomb,
    /// Too many rows.
    #[error("more than {MAX_ROWS} rows")]
    TooManyRows,
    /// A row is longer than any that people write, as after a quotation mark that is not closed.
    #[error("row {0} is too long")]
    RowTooLong(u64),
    /// The file is damaged.
    #[error("row {0} is damaged")]
    Damaged(u64),
}

/// A row with its number in the file, from 1; the headings are row 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) number: u64,
    pub(crate) cells: Vec<String>,
}

/// Hands the rows that are not empty to `take`, until it returns false.
pub(crate) fn read(path: &Path, take: &mut dyn FnMut(Row) -> bool) -> Result<(), SheetError> {
    let mut count = 0;
    let mut limited = |number: u64, mut cells: Vec<String>| -> Result<bool, SheetError> {
        count += 1;
        if count > MAX_ROWS + 1 {
            return Err(SheetError::TooManyRows);
        }
        cells.truncate(MAX_COLUMNS);
        if cells.iter().any(|cell| cell.chars().count() > MAX_CELL_CHARS) {
            return Err(SheetError::RowTooLong(number));
        }
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(true);
        }
        Ok(take(Row { number, cells }))
    };
    if book::is_one(path) { book::read(path, &mut limited) } else { text::read(path, &mut limited) }
}

/// What a reader hands each row to; false ends the reading.
type Take<'a> = &'a mut dyn FnMut(u64, Vec<String>) -> Result<bool, SheetError>;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    pub(super) fn rows(bytes: &[u8]) -> Result<Vec<Vec<String>>, SheetError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mut rows = Vec::new();
        read(file.path(), &mut |row| {
            rows.push(row.cells);
            true
        })?;
        Ok(rows)
    }

    fn encoded(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn every_encoding_of_a_spreadsheet_program_is_read() {
        let text = "货号,品名\r\nA-1,\"凤凰单丛, 500g\"\r\n";
        let utf16: Vec<u8> =
            "\u{feff}货号\t品名\r\nA-1\t凤凰单丛, 500g\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let forms = [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            encoded(text, encoding_rs::GB18030),
            utf16,
            text.replace("\r\n", "\n").replace(',', ";").replace("丛; 500g", "丛, 500g").into_bytes(),
            text.replace("\r\n", "\r").into_bytes(),
        ];
        for form in forms {
            let found = rows(&form).unwrap();
            assert_eq!(found, [["货号", "品名"], ["A-1", "凤凰单丛, 500g"]], "{form:?}");
        }
    }

    #[test]
    fn what_is_no_sheet_is_refused_with_its_row() {
        assert_eq!(rows(b"\x89PNG\r\n\x1a\n\0\0\0"), Err(SheetError::NotASheet));
        assert_eq!(rows(&[0x61, 0x2c, 0xff, 0xff, 0x0a]), Err(SheetError::Encoding));
        let mut open = b"sku,title\nA,\"never closed\n".to_vec();
        open.extend(std::iter::repeat_n(b'x', 3 << 20));
        assert_eq!(rows(&open), Err(SheetError::RowTooLong(2)));
        let long = format!("sku\n{}\n", "x".repeat(40_000));
        assert_eq!(rows(long.as_bytes()), Err(SheetError::RowTooLong(2)));
        let many = "A\n".repeat(usize::try_from(MAX_ROWS).unwrap() + 2);
        assert_eq!(rows(many.as_bytes()), Err(SheetError::TooManyRows));
    }

    #[test]
    fn a_row_may_be_shorter_or_longer_than_the_headings() {
        assert_eq!(rows(b"a,b\n1\n\n1,2,3\n").unwrap(), [vec!["a", "b"], vec!["1"], vec!["1", "2", "3"]]);
    }
}
