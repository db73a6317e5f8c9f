//! An import, and its report.

use crate::{Column, Complaint, RunProductImport, sheet::SheetError};
use audit::Audited;
use chrono::{DateTime, Utc};
use db::{
    DbError, TenantTx,
    schema::{product_import_rows as rows, product_imports as imports},
};
use diesel::prelude::*;
use jobs::Enqueue;
use kernel::{
    ids::{FileId, ProductId, ProductImportId},
    pages::{Page, PageRequest},
    text_enum,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Bytes of the largest file.
pub(crate) const MAX_FILE_BYTES: i64 = 64 << 20;

text_enum! {
    /// What comes of the rows.
    pub enum ImportMode {
        /// Nothing but the report.
        DryRun = "dry_run",
        /// Products.
        Apply = "apply",
    }
}

text_enum! {
    /// How far an import has come.
    pub enum ImportState {
        /// Under way.
        Running = "running",
        /// All rows were looked at.
        Done = "done",
        /// Given up; what was done stays done.
        Failed = "failed",
    }
}

text_enum! {
    /// What came of a row.
    pub enum RowOutcome {
        /// A new product, or a new variant of one.
        Created = "created",
        /// A change.
        Updated = "updated",
        /// All was so already.
        Unchanged = "unchanged",
        /// Nothing, for the reasons that are told.
        Failed = "failed",
    }
}

/// An import.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = imports)]
pub struct ProductImport {
    /// Its id.
    pub id: ProductImportId,
    /// The file.
    pub file_id: FileId,
    pub(crate) file_sha256: Vec<u8>,
    /// What comes of the rows.
    pub mode: ImportMode,
    /// Whether new products are put on sale.
    pub publish: bool,
    pub(crate) mapping: Value,
    /// How far it has come.
    pub state: ImportState,
    /// Why it failed: a stable word.
    pub problem: Option<String>,
    /// The row in which it did.
    pub problem_row: Option<i64>,
    /// Rows of the file without the headings, once they are counted.
    pub rows_total: Option<i64>,
    /// Rows in the report.
    pub rows_done: i64,
    /// New products, however many variants they have.
    pub products: i64,
    /// Rows of new variants.
    pub created: i64,
    /// Rows of changes.
    pub updated: i64,
    /// Rows that were so already.
    pub unchanged: i64,
    /// Rows of which nothing came.
    pub failed: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

impl ProductImport {
    pub(crate) fn mapping(&self) -> BTreeMap<String, Column> {
        serde_json::from_value(self.mapping.clone()).unwrap_or_default()
    }
}

/// A row of the report.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = rows)]
pub struct ReportRow {
    import_id: ProductImportId,
    /// The row's number in the file; the headings are row 1. Of separated values, empty lines are not counted.
    pub number: i64,
    /// Its SKU.
    pub sku: String,
    /// What came of it, or would come.
    pub outcome: RowOutcome,
    /// The product.
    pub product_id: Option<ProductId>,
    complaints: Value,
}

impl ReportRow {
    pub(crate) fn new(
        import_id: ProductImportId,
        (number, sku): (i64, String),
        outcome: RowOutcome,
        product_id: Option<ProductId>,
        complaints: &[Complaint],
    ) -> Self {
        // What cannot be a key or a text of PostgreSQL is told as wrong by the catalogue.
        let sku = sku.replace('\0', "");
        Self { import_id, number, sku, outcome, product_id, complaints: json!(complaints) }
    }

    /// What is wrong with it.
    pub fn complaints(&self) -> Vec<Complaint> {
        serde_json::from_value(self.complaints.clone()).unwrap_or_default()
    }
}

/// The wish to import a file.
#[derive(Debug, Clone)]
pub struct StartImport {
    /// The file.
    pub file: FileId,
    /// What comes of the rows.
    pub mode: ImportMode,
    /// Whether new products are put on sale.
    pub publish: bool,
    /// Columns by the headings that the firm uses.
    pub mapping: BTreeMap<String, Column>,
}

/// Why no import was begun.
#[derive(Debug, thiserror::Error)]
pub enum StartImportError {
    /// No such file.
    #[error("no such file")]
    NoFile,
    /// The file is larger than is read.
    #[error("larger than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Begins an import: the worker takes it up.
pub fn start_import(tx: &mut TenantTx<'_>, command: &StartImport) -> Result<ProductImport, StartImportError> {
    let file = files::find(tx, command.file)?.ok_or(StartImportError::NoFile)?;
    if file.size_bytes > MAX_FILE_BYTES {
        return Err(StartImportError::TooLarge);
    }
    let id: ProductImportId = tx.new_id();
    let import = diesel::insert_into(imports::table)
        .values((
            imports::id.eq(id),
            imports::file_id.eq(file.id),
            imports::file_sha256.eq(&file.sha256),
            imports::mode.eq(command.mode),
            imports::publish.eq(command.publish),
            imports::mapping.eq(json!(command.mapping)),
            imports::state.eq(ImportState::Running),
            imports::created_at.eq(tx.now()),
        ))
        .returning(ProductImport::as_returning())
        .get_result(tx.conn())
        .map_err(DbError::from)?;
    tx.enqueue(&RunProductImport { id })?;
    tx.audit(
        "product_import.started",
        id,
        json!({ "file": file.id, "mode": command.mode, "publish": command.publish }),
    )?;
    Ok(import)
}

/// An import by its id.
pub fn find_import(tx: &mut TenantTx<'_>, id: ProductImportId) -> Result<Option<ProductImport>, DbError> {
    Ok(imports::table
        .filter(imports::tenant_id.eq(tx.tenant()))
        .filter(imports::id.eq(id))
        .select(ProductImport::as_select())
        .first(tx.conn())
        .optional()?)
}

/// The firm's imports, newest first.
pub fn list_imports(
    tx: &mut TenantTx<'_>,
    page: &PageRequest<ProductImportId>,
) -> Result<Page<ProductImport, ProductImportId>, DbError> {
    let mut query = imports::table
        .filter(imports::tenant_id.eq(tx.tenant()))
        .select(ProductImport::as_select())
        .order(imports::id.desc())
        .limit(page.fetch())
        .into_boxed();
    if let Some(after) = page.after {
        query = query.filter(imports::id.lt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |import| import.id))
}

/// An import's report in the order of the file; rows of one outcome only, if one is given.
pub fn list_rows(
    tx: &mut TenantTx<'_>,
    (import, outcome): (ProductImportId, Option<RowOutcome>),
    page: &PageRequest<i64>,
) -> Result<Page<ReportRow, i64>, DbError> {
    let mut query = rows::table
        .filter(rows::tenant_id.eq(tx.tenant()))
        .filter(rows::import_id.eq(import))
        .select(ReportRow::as_select())
        .order(rows::number)
        .limit(page.fetch())
        .into_boxed();
    if let Some(outcome) = outcome {
        query = query.filter(rows::outcome.eq(outcome));
    }
    if let Some(after) = page.after {
        query = query.filter(rows::number.gt(after));
    }
    Ok(Page::of(query.load(tx.conn())?, page, |row| row.number))
}

/// A running import, locked; `None` if it is not running.
pub(crate) fn lock(tx: &mut TenantTx<'_>, id: ProductImportId) -> Result<Option<ProductImport>, DbError> {
    Ok(imports::table
        .filter(imports::tenant_id.eq(tx.tenant()))
        .filter(imports::id.eq(id))
        .filter(imports::state.eq(ImportState::Running))
        .select(ProductImport::as_select())
        .for_update()
        .first(tx.conn())
        .optional()?)
}

/// Notes how many rows there are.
pub(crate) fn count(tx: &mut TenantTx<'_>, id: ProductImportId, total: i64) -> Result<(), DbError> {
    diesel::update(imports::table.filter(imports::tenant_id.eq(tx.tenant())).filter(imports::id.eq(id)))
        .set(imports::rows_total.eq(total))
        .execute(tx.conn())?;
    Ok(())
}

/// Writes a step's rows of the report and counts them, in the transaction of the work itself.
pub(crate) fn report(
    tx: &mut TenantTx<'_>,
    import: &ProductImport,
    (step, products): (&[ReportRow], i64),
) -> Result<(), DbError> {
    diesel::insert_into(rows::table).values(step).execute(tx.conn())?;
    let count = |outcome: RowOutcome| {
        i64::try_from(step.iter().filter(|row| row.outcome == outcome).count()).unwrap_or(i64::MAX)
    };
    diesel::update(imports::table.filter(imports::tenant_id.eq(tx.tenant())).filter(imports::id.eq(import.id)))
        .set((
            imports::rows_done.eq(imports::rows_done + i64::try_from(step.len()).unwrap_or(i64::MAX)),
            imports::products.eq(imports::products + products),
            imports::created.eq(imports::created + count(RowOutcome::Created)),
            imports::updated.eq(imports::updated + count(RowOutcome::Updated)),
            imports::unchanged.eq(imports::unchanged + count(RowOutcome::Unchanged)),
            imports::failed.eq(imports::failed + count(RowOutcome::Failed)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Ends a running import: all rows are done, or there is a problem.
pub(crate) fn finish(tx: &mut TenantTx<'_>, id: ProductImportId, problem: Option<&Problem>) -> Result<(), DbError> {
    let now = tx.now();
    let running = imports::table
        .filter(imports::tenant_id.eq(tx.tenant()))
        .filter(imports::id.eq(id))
        .filter(imports::state.eq(ImportState::Running));
    let state = if problem.is_some() { ImportState::Failed } else { ImportState::Done };
    diesel::update(running)
        .set((
            imports::state.eq(state),
            imports::finished_at.eq(now),
            imports::problem.eq(problem.map(|problem| problem.code)),
            imports::problem_row.eq(problem.and_then(|problem| problem.row)),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Why an import cannot go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) row: Option<i64>,
}

impl Problem {
    pub(crate) const fn new(code: &'static str) -> Self {
        Self { code, row: None }
    }
}

impl From<SheetError> for Problem {
    fn from(error: SheetError) -> Self {
        let at = |code, row: u64| Self { code, row: i64::try_from(row).ok().filter(|row| *row > 0) };
        match error {
            SheetError::NotASheet => Self::new("not_a_sheet"),
            SheetError::Encoding => Self::new("encoding_unknown"),
            SheetError::Bomb => Self::new("unpacks_to_too_much"),
            SheetError::TooManyRows => Self::new("too_many_rows"),
            SheetError::RowTooLong(row) => at("row_too_long", row),
            SheetError::Damaged(row) => at("damaged", row),
        }
    }
}
