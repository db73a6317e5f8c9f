use super::words;
use crate::problem::Language;
use chrono::{DateTime, Utc};
use imports::{Column, Complaint, ImportMode, ImportState, ProductImport, ReportRow, RowOutcome};
use kernel::ids::{FileId, ProductId, ProductImportId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An import and how far it has come.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct ProductImportView {
    /// Its id.
    id: ProductImportId,
    /// The sheet.
    file_id: FileId,
    /// Whether it is a rehearsal.
    mode: ImportMode,
    /// Whether new products are put on sale.
    publish: bool,
    /// How far it has come.
    state: ImportState,
    /// Why it failed: `file_gone`, `file_changed`, `file_quarantined`, `not_a_sheet`, `encoding_unknown`, `unpacks_to_too_much`,
    /// `too_many_rows`, `row_too_long`, `damaged`, `empty`, `no_sku_column`, `column_twice`, `firm_held` or `given_up`.
    #[schema(required)]
    problem: Option<String>,
    /// The row in which it failed.
    #[schema(required)]
    problem_row: Option<i64>,
    /// Rows of the sheet without the headings, once they are counted.
    #[schema(required)]
    rows_total: Option<i64>,
    /// Rows that are in the report.
    rows_done: i64,
    /// New products, however many variants they have.
    products: i64,
    /// Rows of new variants.
    created: i64,
    /// Rows of changes.
    updated: i64,
    /// Rows that were so already.
    unchanged: i64,
    /// Rows of which nothing came, or would come.
    failed: i64,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When it ended.
    #[schema(required)]
    finished_at: Option<DateTime<Utc>>,
}

impl From<ProductImport> for ProductImportView {
    fn from(import: ProductImport) -> Self {
        let ProductImport { id, file_id, mode, publish, state, problem, problem_row, rows_total, .. } = import;
        let ProductImport { rows_done, products, created, updated, unchanged, failed, .. } = import;
        let ProductImport { created_at, finished_at, .. } = import;
        Self {
            id,
            file_id,
            mode,
            publish,
            state,
            problem,
            problem_row,
            rows_total,
            rows_done,
            products,
            created,
            updated,
            unchanged,
            failed,
            created_at,
            finished_at,
        }
    }
}

/// What is wrong with a row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowErrorView {
    /// The column, if it is about one.
    #[schema(required)]
    column: Option<Column>,
    /// A stable word.
    code: &'static str,
    /// What to do about it, in the language that was asked for.
    detail: String,
}

impl RowErrorView {
    fn new(complaint: &Complaint, language: Language) -> Self {
        let Complaint { column, reason } = complaint;
        Self { column: *column, code: reason.code(), detail: words::of(reason).get(language).to_owned() }
    }
}

/// A row of the report.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportRowView {
    /// The row's number in the sheet; the headings are row 1. Of separated values, empty lines are not counted.
    row: i64,
    /// Its SKU.
    sku: String,
    /// What came of it, or would come.
    outcome: RowOutcome,
    /// The product; null if there is none, or none yet.
    #[schema(required)]
    product_id: Option<ProductId>,
    /// What is wrong with it.
    errors: Vec<RowErrorView>,
}

impl ImportRowView {
    pub(super) fn new(row: &ReportRow, language: Language) -> Self {
        let errors = row.complaints().iter().map(|complaint| RowErrorView::new(complaint, language)).collect();
        Self { row: row.number, sku: row.sku.clone(), outcome: row.outcome, product_id: row.product_id, errors }
    }
}
