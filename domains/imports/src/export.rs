//! Products as rows of a sheet, which can be imported again.

use crate::{Column, cell};
use catalogue::{Product, Variant};
use db::{DbError, TenantTx};
use kernel::{
    ids::{CategoryId, ProductId},
    spreadsheet::csv_cell,
    text_enum,
};
use rust_xlsxwriter::{Format, Workbook as Book, Worksheet, XlsxError};
use std::collections::{BTreeMap, btree_map::Entry};

/// Products of a page.
const PAGE: i64 = 200;
/// Characters that a cell of a workbook holds.
const CELL_CHARS: usize = 32_767;

text_enum! {
    /// A form of a sheet.
    pub enum SheetKind {
        /// Separated values in UTF-8.
        Csv = "csv",
        /// A workbook.
        Xlsx = "xlsx",
    }
}

text_enum! {
    /// The language of the headings.
    pub enum SheetLanguage {
        /// Simplified Chinese.
        Chinese = "zh-CN",
        /// English.
        English = "en",
    }
}

impl SheetLanguage {
    const fn truth(self, truth: bool) -> &'static str {
        match (self, truth) {
            (Self::Chinese, true) => "是",
            (Self::Chinese, false) => "否",
            (Self::English, true) => "yes",
            (Self::English, false) => "no",
        }
    }

    fn heading(self, column: Column) -> &'static str {
        match self {
            Self::Chinese => column.chinese(),
            Self::English => column.as_str(),
        }
    }
}

/// A row: a text for each column, in the order of [`Column::ALL`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportLine(Vec<String>);

impl ExportLine {
    /// The headings.
    pub fn headings(language: SheetLanguage) -> Self {
        Self(Column::ALL.iter().map(|column| language.heading(*column).to_owned()).collect())
    }

    /// As a line of separated values (RFC 4180), no cell a formula.
    pub fn csv(&self) -> String {
        let cells: Vec<_> = self.0.iter().map(|text| csv_cell(text)).collect();
        format!("{}\r\n", cells.join(","))
    }

    fn of((product, variant): (&Product, &Variant), category: &str, language: SheetLanguage) -> Self {
        let english = product.content.translations.en.as_ref();
        let number = |value: Option<i64>| value.map(|number| number.to_string()).unwrap_or_default();
        let price = |minor| cell::amount(minor, variant.currency);
        let rungs =
            variant.price_tiers.0.iter().map(|rung| format!("{}:{}", rung.min_quantity, price(rung.price_minor)));
        let options =
            variant.options.0.iter().map(|(name, value)| format!("{}={}", cell::escaped(name), cell::escaped(value)));
        let text = |column: &Column| match column {
            Column::Sku => variant.sku.clone(),
            // A product of one variant needs no name for its rows.
            Column::Product if product.variants.len() > 1 => product.id.to_string(),
            Column::Product => String::new(),
            Column::Title => product.content.title.clone(),
            Column::Description => product.content.description.clone(),
            Column::TitleEn => english.map(|text| text.title.clone()).unwrap_or_default(),
            Column::DescriptionEn => english.map(|text| text.description.clone()).unwrap_or_default(),
            Column::Category => category.to_owned(),
            Column::Tags => product.content.tags.iter().map(|tag| cell::escaped(tag)).collect::<Vec<_>>().join("; "),
            Column::Listed => language.truth(product.content.listed).to_owned(),
            Column::Options => options.clone().collect::<Vec<_>>().join("; "),
            Column::Price => price(variant.price_minor),
            Column::Currency => variant.currency.to_string(),
            Column::PriceTiers => rungs.clone().collect::<Vec<_>>().join("; "),
            Column::MinOrderQuantity => variant.min_order_quantity.to_string(),
            Column::MaxOrderQuantity => number(variant.max_order_quantity),
            Column::HsCode => variant.hs_code.clone().unwrap_or_default(),
            Column::OriginCountry => variant.origin_country.clone().unwrap_or_default(),
            Column::OrderIncrement => variant.order_increment.to_string(),
            Column::Unit => variant.unit.clone(),
            Column::Gtin => variant.gtin.clone().unwrap_or_default(),
            Column::WeightGrams => number(variant.weight_grams),
            Column::Stock => number(variant.on_hand),
            Column::LowStockAt => number(variant.low_stock_at),
            Column::Status => product.status.to_string(),
        };
        Self(Column::ALL.iter().map(text).collect())
    }
}

/// The lines of some products after this one, and the last of them; nothing if there are no more.
pub fn export_page(
    tx: &mut TenantTx<'_>,
    after: Option<ProductId>,
    language: SheetLanguage,
) -> Result<Option<(Vec<ExportLine>, ProductId)>, DbError> {
    let products = catalogue::products_after(tx, after, PAGE)?;
    let Some(last) = products.last().map(|product| product.id) else { return Ok(None) };
    let mut names: BTreeMap<CategoryId, String> = BTreeMap::new();
    for category in products.iter().filter_map(|product| product.content.category_id) {
        if let Entry::Vacant(unknown) = names.entry(category) {
            unknown.insert(category_path(tx, category)?);
        }
    }
    let mut lines = Vec::new();
    for product in &products {
        let category = product.content.category_id.and_then(|id| names.get(&id)).map_or("", String::as_str);
        lines.extend(product.variants.iter().map(|variant| ExportLine::of((product, variant), category, language)));
    }
    Ok(Some((lines, last)))
}

/// A category's names from the root of the firm's tree, as an import reads them.
fn category_path(tx: &mut TenantTx<'_>, id: CategoryId) -> Result<String, DbError> {
    let names = catalogue::category_names(tx, id)?;
    Ok(names.iter().map(|name| cell::escaped(name)).collect::<Vec<_>>().join("/"))
}

/// An example for those who begin: the headings, and a product of two variants.
pub fn template(language: SheetLanguage) -> Vec<ExportLine> {
    let example = |sku: &str, size: &str, price: &str| {
        let text = |column: &Column| match column {
            Column::Sku => sku,
            Column::Product => "凤凰单丛",
            Column::Title => "凤凰单丛乌龙茶 蜜兰香",
            Column::Description => "潮州高山茶，手工采摘，传统炭焙。",
            Column::TitleEn => "Phoenix Dancong Oolong",
            Column::DescriptionEn => "Hand-picked tea from Chaozhou.",
            Column::Tags => "茶; 潮州",
            Column::Listed => language.truth(true),
            Column::Options => size,
            Column::Price => price,
            Column::Currency => "CNY",
            Column::PriceTiers => "10:118.00; 50:99.00",
            Column::MinOrderQuantity | Column::OrderIncrement => "1",
            Column::Unit => "box",
            Column::WeightGrams => "600",
            Column::Stock => "100",
            Column::LowStockAt => "10",
            Column::OriginCountry => "CN",
            Column::Category | Column::Gtin | Column::HsCode | Column::MaxOrderQuantity | Column::Status => "",
        };
        ExportLine(Column::ALL.iter().map(|column| text(column).to_owned()).collect())
    };
    vec![
        ExportLine::headings(language),
        example("TEA-500", "包装=500克", "128.00"),
        example("TEA-1000", "包装=1000克", "238.00"),
    ]
}

/// Why a workbook could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook could not be written")]
pub struct WorkbookError(#[from] XlsxError);

/// A workbook that is being written: rows go to a temporary file.
pub struct Workbook {
    book: Book,
    next: u32,
}

impl std::fmt::Debug for Workbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workbook").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Workbook {
    /// An empty one; its first row are the headings.
    pub fn new() -> Self {
        Self { book: Book::new(), next: 0 }
    }

    /// Adds a row; every cell is a text, which no program takes for a formula or a date, and which keeps leading zeros.
    pub fn add(&mut self, line: &ExportLine) -> Result<(), WorkbookError> {
        let row = self.next;
        let sheet: &mut Worksheet = match self.next {
            0 => self.book.add_worksheet_with_constant_memory()?,
            _ => self.book.worksheet_from_index(0)?,
        };
        let bold = Format::new().set_bold();
        for (column, text) in (0..).zip(&line.0) {
            let shown: String = text.chars().take(CELL_CHARS).collect();
            if row == 0 {
                sheet.write_string_with_format(row, column, shown, &bold)?;
            } else if !shown.is_empty() {
                sheet.write_string(row, column, shown)?;
            }
        }
        self.next += 1;
        Ok(())
    }

    /// The file's bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, WorkbookError> {
        Ok(self.book.save_to_buffer()?)
    }
}

impl Default for Workbook {
    fn default() -> Self {
        Self::new()
    }
}
