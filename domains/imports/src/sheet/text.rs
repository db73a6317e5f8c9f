//! Separated values in the encodings that spreadsheet programs write.

use super::{SheetError, Take};
use csv::{ReaderBuilder, StringRecord, Terminator};
use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::{
    cell::Cell,
    fs::File,
    io::{self, Read},
    path::Path,
    rc::Rc,
};

/// Bytes that are read for one row, and a little more.
const MAX_ROW_BYTES: usize = 1 << 20;
const BUFFER_BYTES: usize = 64 << 10;

/// Reads the rows.
pub(super) fn read(path: &Path, take: Take<'_>) -> Result<(), SheetError> {
    let open = || File::open(path).map_err(|_| SheetError::Damaged(0));
    let encoding = encoding(open()?)?;
    let decoded = || Ok::<_, SheetError>(DecodeReaderBytesBuilder::new().encoding(encoding).build(open()?));
    let delimiter = delimiter(decoded()?);
    let spent = Rc::new(Cell::new(0));
    let metered = Metered { inner: decoded()?, spent: Rc::clone(&spent) };
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter).terminator(Terminator::CRLF);
    let mut reader = builder.buffer_capacity(BUFFER_BYTES).from_reader(metered);
    let mut record = StringRecord::new();
    let mut number = 0;
    loop {
        spent.set(0);
        number += 1;
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let cells = record.iter().map(str::to_owned).collect();
                if !take(number, cells)? {
                    return Ok(());
                }
            }
            Err(_) if spent.get() > MAX_ROW_BYTES => return Err(SheetError::RowTooLong(number)),
            Err(_) => return Err(SheetError::Damaged(number)),
        }
    }
}

/// The encoding that all bytes fit. One with a mark at its beginning needs no guess: the decoder heeds it.
fn encoding(mut file: File) -> Result<Option<&'static Encoding>, SheetError> {
    let (mut utf8, mut gb18030) = (Fit::new(UTF_8), Fit::new(GB18030));
    let mut piece = vec![0; BUFFER_BYTES];
    let mut first = true;
    loop {
        let length = file.read(&mut piece).map_err(|_| SheetError::Damaged(0))?;
        let bytes = piece.get(..length).unwrap_or_default();
        if first {
            if Encoding::for_bom(bytes).is_some() {
                return Ok(None);
            }
            if bytes.contains(&0) {
                return Err(SheetError::NotASheet);
            }
            first = false;
        }
        utf8.see(bytes, length == 0);
        gb18030.see(bytes, length == 0);
        if length == 0 {
            break;
        }
    }
    match (utf8.fits, gb18030.fits) {
        (true, _) => Ok(Some(UTF_8)),
        (false, true) => Ok(Some(GB18030)),
        (false, false) => Err(SheetError::Encoding),
    }
}

/// Whether bytes fit an encoding.
struct Fit {
    decoder: encoding_rs::Decoder,
    fits: bool,
    out: Vec<u8>,
}

impl Fit {
    fn new(encoding: &'static Encoding) -> Self {
        Self { decoder: encoding.new_decoder_without_bom_handling(), fits: true, out: vec![0; BUFFER_BYTES * 3 + 16] }
    }

    fn see(&mut self, bytes: &[u8], last: bool) {
        if self.fits {
            let (result, ..) = self.decoder.decode_to_utf8_without_replacement(bytes, &mut self.out, last);
            self.fits = matches!(result, DecoderResult::InputEmpty);
        }
    }
}

/// What separates the cells of the first row: a comma, a semicolon, or a tabulator.
fn delimiter(decoded: impl Read) -> u8 {
    let mut head = Vec::new();
    // What cannot be read now is told when the rows are read.
    let _ = decoded.take(16 << 10).read_to_end(&mut head);
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or_default();
    let count = |wanted: u8| line.split(|byte| *byte == wanted).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Ends the reading of a row that does not end.
struct Metered<R> {
    inner: R,
    spent: Rc<Cell<usize>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.spent.get() > MAX_ROW_BYTES {
            return Err(io::Error::other("the row does not end"));
        }
        let length = self.inner.read(buffer)?;
        self.spent.set(self.spent.get() + length);
        Ok(length)
    }
}
