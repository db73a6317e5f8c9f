//! XLSX: the first sheet of a workbook.

use super::{MAX_COLUMNS, MAX_ROWS, SheetError, Take};
use calamine::{Data, DataRef, Reader, Xlsx, XlsxError, open_workbook};
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};
use zip::ZipArchive;

/// Bytes to which a workbook may unpack.
const MAX_UNPACKED: u64 = 256 << 20;
/// Files in a workbook.
const MAX_ENTRIES: usize = 2_000;

/// Whether it begins as a ZIP archive does.
pub(super) fn is_one(path: &Path) -> bool {
    let mut head = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == *b"PK\x03\x04"
}

/// Reads the rows of the first sheet, cell by cell.
pub(super) fn read(path: &Path, take: Take<'_>) -> Result<(), SheetError> {
    unpacks_to_little(path)?;
    let mut book: Xlsx<BufReader<File>> = open_workbook(path).map_err(|_: XlsxError| SheetError::NotASheet)?;
    let name = book.sheet_names().first().cloned().ok_or(SheetError::NotASheet)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| SheetError::NotASheet)?;
    let (mut number, mut row): (u64, Vec<String>) = (1, Vec::new());
    loop {
        let cell = cells.next_cell().map_err(|_| SheetError::Damaged(number))?;
        let Some(cell) = cell else { break };
        let (line, column) = cell.get_position();
        let line = u64::from(line) + 1;
        if line > MAX_ROWS + 1 {
            return Err(SheetError::TooManyRows);
        }
        if line != number {
            if !row.is_empty() && !take(number, std::mem::take(&mut row))? {
                return Ok(());
            }
            number = line;
        }
        let column = column as usize;
        if column < MAX_COLUMNS {
            row.resize(row.len().max(column + 1), String::new());
            if let Some(place) = row.get_mut(column) {
                *place = text(cell.get_value());
            }
        }
    }
    if !row.is_empty() {
        take(number, row)?;
    }
    Ok(())
}

/// A cell as a person sees it, numbers without what binary fractions add.
fn text(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::String(text) => text,
        Data::Bool(truth) => if truth { "true" } else { "false" }.to_owned(),
        Data::Error(_) | Data::Empty => String::new(),
        number => number.to_string(),
    }
}

/// Unpacks it once into nothing: what its directory says of sizes need not be true.
fn unpacks_to_little(path: &Path) -> Result<(), SheetError> {
    let file = File::open(path).map_err(|_| SheetError::Damaged(0))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| SheetError::NotASheet)?;
    if archive.len() > MAX_ENTRIES {
        return Err(SheetError::Bomb);
    }
    let mut left = MAX_UNPACKED;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| SheetError::NotASheet)?;
        let unpacked = io::copy(&mut entry.take(left + 1), &mut io::sink()).map_err(|_| SheetError::Damaged(0))?;
        left = left.checked_sub(unpacked).ok_or(SheetError::Bomb)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{SheetError, tests::rows};
    use rust_xlsxwriter::Workbook;
    use std::io::Write;
    use zip::{ZipWriter, write::SimpleFileOptions};

    #[test]
    fn the_first_sheet_is_read_with_numbers_as_people_see_them() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["货号", "价格", "库存"]).unwrap();
        sheet.write_row(1, 0, ["A-1"]).unwrap();
        sheet.write_row(1, 1, [128.1, 7.0]).unwrap();
        sheet.write(3, 2, 0.1 + 0.2).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let found = rows(&bytes).unwrap();
        assert_eq!(found[..2], [["货号", "价格", "库存"], ["A-1", "128.1", "7"]]);
        assert_eq!(found[2], ["", "", "0.30000000000000004"], "a price that is finer than its currency is told");
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let mut bomb = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        bomb.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..300 {
            bomb.write_all(&zeros).unwrap();
        }
        let bytes = bomb.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20);
        assert_eq!(rows(&bytes), Err(SheetError::Bomb));
        assert_eq!(rows(b"PK\x03\x04 and no more"), Err(SheetError::NotASheet));
    }
}
