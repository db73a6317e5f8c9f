//! Products from spreadsheets and into them.
//!
//! ```text
//! import: running --row by row, in steps that each commit--> done
//!            \--the sheet cannot be read, or the worker gave up--> failed
//! ```
//!
//! A row is a variant, found by its SKU; rows below each other that name the same `product` are one product, and are written
//! together or not at all. An empty cell says nothing. Units at hand are taken for new variants only: a sheet is older than the
//! orders that came after it.
//!
//! - INV-IM1: each row of a sheet is reported once, in the transaction of the work that the report tells of.
//! - INV-IM2: a dry run writes nothing but its report.
//! - INV-IM3: the same sheet once more changes nothing.
//! - INV-IM4: what is exported is no formula, and imported again changes nothing.

mod cell;
mod column;
mod complaint;
mod draft;
mod entry;
mod export;
mod import;
mod jobs;
mod sheet;
mod step;

pub use column::Column;
pub use complaint::{Complaint, Reason};
pub use export::{ExportLine, SheetKind, SheetLanguage, Workbook, WorkbookError, export_page, template};
pub use import::{
    ImportMode, ImportState, ProductImport, ReportRow, RowOutcome, StartImport, StartImportError, find_import,
    list_imports, list_rows, start_import,
};
pub use jobs::RunProductImport;
