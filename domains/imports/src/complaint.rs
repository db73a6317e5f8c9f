//! What is wrong with a row, kept as words for programs; people are told in their language where it is shown.

use crate::Column;
use catalogue::{Fault, Rule, WriteProductError};
use serde::{Deserialize, Serialize};

/// One thing wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The column, if it is about one.
    pub column: Option<Column>,
    /// A stable word.
    pub code: String,
    /// Numbers or texts that belong to it, such as the most that is allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

impl Complaint {
    /// About a column.
    pub(crate) fn of(column: Column, code: &str) -> Self {
        Self { column: Some(column), code: code.to_owned(), values: Vec::new() }
    }

    /// About the row.
    pub(crate) fn row(code: &str) -> Self {
        Self { column: None, code: code.to_owned(), values: Vec::new() }
    }

    fn with(mut self, values: impl IntoIterator<Item = String>) -> Self {
        self.values.extend(values);
        self
    }
}

/// A complaint about one row of a group, or about all of them.
pub(crate) type Placed = (Option<usize>, Complaint);

/// What the catalogue refuses, by rows of a group; `None`: the database failed. Variants are told by their place in
/// `rows`, the rows of the group that wrote the product's variants in order.
pub(crate) fn refused(error: WriteProductError, rows: &[Option<usize>]) -> Result<Vec<Placed>, db::DbError> {
    let one = |code: &str| vec![(None, Complaint::row(code))];
    Ok(match error {
        WriteProductError::Invalid(faults) => faults.into_iter().map(|fault| placed(&fault, rows)).collect(),
        WriteProductError::Archived => one("product_archived"),
        WriteProductError::SkuTaken => vec![(None, Complaint::of(Column::Sku, "sku_taken"))],
        WriteProductError::LimitReached { maximum, .. } => {
            vec![(None, Complaint::row("product_limit_reached").with([maximum.to_string()]))]
        }
        WriteProductError::Reserved { sku } => vec![(None, Complaint::row("product_reserved").with([sku]))],
        WriteProductError::NothingToSell => one("product_without_variants"),
        // It was there a moment ago, and nobody said which version to expect.
        WriteProductError::NotFound | WriteProductError::Stale { .. } => one("changed_meanwhile"),
        WriteProductError::Db(error) => return Err(error),
    })
}

fn placed(fault: &Fault, rows: &[Option<usize>]) -> Placed {
    let mut parts = fault.pointer.split('/').skip(1);
    let (place, field) = match parts.next() {
        Some("variants") => {
            let row = parts.next().and_then(|index| index.parse::<usize>().ok()).and_then(|index| *rows.get(index)?);
            (row, parts.next())
        }
        field => (None, field),
    };
    let column = match (field, parts.next()) {
        (Some("translations"), Some("en")) if fault.pointer.ends_with("title") => Some(Column::TitleEn),
        (Some("translations"), Some("en")) => Some(Column::DescriptionEn),
        (Some("price_minor"), _) => Some(Column::Price),
        (Some("category_id"), _) => Some(Column::Category),
        (Some(name), _) => name.parse().ok(),
        (None, _) => None,
    };
    let complaint = Complaint { column, code: fault.rule.code().to_owned(), values: Vec::new() };
    (place, complaint.with(numbers(fault.rule)))
}

fn numbers(rule: Rule) -> Vec<String> {
    match rule {
        Rule::AtLeastChars(n) | Rule::AtMostChars(n) | Rule::AtMostBytes(n) | Rule::AtMostDeep(n)
        | Rule::AtMostEntries(n) => vec![n.to_string()],
        Rule::Between(least, most) => vec![least.to_string(), most.to_string()],
        Rule::MultipleOf(step) => vec![step.to_string()],
        Rule::NoControlCharacters
        | Rule::NoSurroundingSpace
        | Rule::NotZero
        | Rule::Once
        | Rule::OneCurrency
        | Rule::CheckDigit
        | Rule::RisingQuantity
        | Rule::NotRisingPrice
        | Rule::Own => Vec::new(),
    }
}
